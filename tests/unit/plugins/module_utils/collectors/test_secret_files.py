# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.anchored_paths import replace_durably
from ansible_collections.groundwork.fleet.plugins.module_utils.collectors import secret_files
from ansible_collections.groundwork.fleet.plugins.module_utils.steps.files import JOURNAL


def test_each_file_has_its_age_and_whether_it_is_exposed(tmp_path: Path) -> None:
    for name, mode in (("closed", 0o640), ("open", 0o644)):
        (tmp_path / name).write_text("hunter2")
        (tmp_path / name).chmod(mode)
        os.utime(tmp_path / name, (0, 1000))
    paths = [str(tmp_path / name) for name in ("open", "closed", "gone")]
    replace_durably(str(tmp_path / "list"), json.dumps(paths).encode(), 0o600)
    text = "\n".join(secret_files.collect({"age": 60}, "", 5000.9, str(tmp_path / "list")))
    assert f'groundwork_secret_file_timestamp_seconds{{path="{tmp_path}/closed"}} 1000' in text
    assert f'groundwork_secret_file_exposed{{path="{tmp_path}/closed"}} 0' in text
    assert f'groundwork_secret_file_exposed{{path="{tmp_path}/open"}} 1' in text
    assert "gone" not in text and "hunter2" not in text
    assert text.endswith("groundwork_secret_file_last_run_seconds 5000") and "groundwork_secret_file_age_limit_seconds 60" in text


def test_a_host_without_secrets_says_when_it_looked(tmp_path: Path) -> None:
    lines = secret_files.collect({"age": 60}, "", 5000, str(tmp_path / "none"))
    assert [line for line in lines if not line.startswith("#")] == [
        "groundwork_secret_file_age_limit_seconds 60",
        "groundwork_secret_file_last_run_seconds 5000",
    ]


def test_the_list_is_that_of_the_step_files() -> None:
    assert secret_files.LIST == JOURNAL + ".secrets"


def test_a_list_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("{")
    with pytest.raises(ValueError, match="Expecting"):
        secret_files.collect({"age": 60}, "", 5000, str(tmp_path / "list"))
