# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import file_swap, undo_effects
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import Entry
from ansible_collections.groundwork.fleet.plugins.modules import undo


class Ended(Exception):
    """The module has answered."""


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return what runs the module on a journal with one change of the file `a`."""
    journal = str(tmp_path / "journal" / "changes")
    (tmp_path / "a").write_text("before")
    entries = [Entry(str(tmp_path / "a"), "file", mode=0o644, content=b"after")]
    file_swap.apply(entries, [], file_swap.Conditions(run="ana", journal=journal))
    monkeypatch.setattr(undo, "JOURNAL", journal)
    monkeypatch.setattr(undo.os, "geteuid", lambda: 0)

    def run(check_mode: bool = False, **parameters: Any) -> dict[str, Any]:
        class Module:
            def __init__(self, argument_spec: dict[str, Any], supports_check_mode: bool) -> None:
                self.params = {**{name: option["default"] for name, option in argument_spec.items()}, **parameters}
                self.check_mode = check_mode and supports_check_mode

            def exit_json(self, **answer: Any) -> None:
                raise Ended(answer)

            def fail_json(self, **answer: Any) -> None:
                raise Ended({"failed": True, **answer})

        monkeypatch.setattr(undo, "AnsibleModule", Module)
        with pytest.raises(Ended) as ended:
            undo.main()
        answer: dict[str, Any] = ended.value.args[0]
        return answer

    return run


def test_without_a_change_it_lists(call, tmp_path: Path) -> None:
    answer = call()
    [change] = answer["known"]
    assert (change["run"], change["paths"], answer["changed"]) == ("ana", [str(tmp_path / "a")], False)
    assert change["started"].endswith("Z") and (tmp_path / "a").read_text() == "after"


def test_check_mode_tells_and_the_call_does(call, tmp_path: Path) -> None:
    foreseen = call(check_mode=True, change="last")
    assert foreseen["changed"] and (tmp_path / "a").read_text() == "after"
    answer = call(change="last", run="bob")
    assert answer["paths"] == foreseen["paths"] == [str(tmp_path / "a")] and answer["diff"] == foreseen["diff"]
    assert (tmp_path / "a").read_text() == "before"
    newest = call()["known"][0]
    assert (newest["run"], newest["undoes"]) == ("bob", answer["known"][0]["id"])


def test_a_refusal_is_one_message(call, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("by hand")
    answer = call(change="last")
    assert answer["failed"] and "somebody changed it" in answer["msg"]
    assert "no change '000099-x'" in call(change="000099-x")["msg"]


def test_a_unit_that_does_not_come_back_fails_the_task(call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undo_effects, "stop", lambda units, errors: errors.append("systemctl stop failed"))
    answer = call(change="last")
    assert answer["failed"] and answer["msg"] == "The files are back, but not everything else: systemctl stop failed"
    assert (tmp_path / "a").read_text() == "before"


def test_only_root_may(call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undo.os, "geteuid", lambda: 1000)
    assert call()["msg"] == "undo runs as uid 1000; expected root. Give the task become: true."
