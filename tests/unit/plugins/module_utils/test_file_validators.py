# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import file_set, file_validators
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import Entry


def test_a_validator_without_its_program_is_skipped_only_in_a_rehearsal(tmp_path: Path) -> None:
    found = file_set.changes([Entry(str(tmp_path / "a"), "file", content=b"a")])
    assert file_validators.rehearse(found, [], ["no-such-program {x}"]) == ["no-such-program {x}"]
    with pytest.raises(file_validators.ValidationFailed, match="no-such-program"):
        file_validators.run_validators(["no-such-program"], [], {}, missing_allowed=False)


def test_a_rehearsal_without_the_large_content_says_what_it_could_not_judge(tmp_path: Path) -> None:
    path = tmp_path / "a"
    entries = [Entry(str(path), "file", size=10, sha256="0" * 64), Entry(str(tmp_path / "b"), "file", content=b"b")]
    found = file_set.changes(entries)
    needs, other = f"false {{{path}}}", f"grep -q b {{{tmp_path}/b}}"
    assert file_validators.rehearse(found, entries, [needs, other]) == [needs]
    assert file_validators.rehearse(found, entries, [needs]) == [needs]


def test_a_refusal_says_which_variables_to_correct() -> None:
    with pytest.raises(
        file_validators.ValidationFailed, match=r"'false' refused the new files; nothing was changed\. Correct monitoring_x\."
    ):
        file_validators.run_validators(["false # monitoring_x"], [], {}, missing_allowed=False)
    secret = [Entry("/nowhere/a", "file", content=b"hunter2", secret=True)]
    with pytest.raises(
        file_validators.ValidationFailed, match=r"nothing was changed\. Correct monitoring_x\. What it says may show a secret"
    ):
        file_validators.run_validators(["false {/nowhere/a} # monitoring_x"], secret, {}, missing_allowed=False)
    assert file_validators.run_validators(["not-there # monitoring_x"], [], {}, missing_allowed=True) == ["not-there # monitoring_x"]
