# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.groundwork.fleet.plugins.action import audit_result

from . import making

CONTROL = {"id": "a", "title": "A", "area": "sshd", "level": "high", "rationale": "Why.", "mend": "How.", "references": {}, "risk": []}


def run(**arguments: Any) -> dict[str, Any]:
    action = making.made(audit_result.ActionModule, arguments, check_mode=True)
    with mock.patch.object(audit_result, "run_identity", lambda: "ana@controller (run 1)"):
        result: dict[str, Any] = action.run(task_vars={"inventory_hostname": "web-1"})
    assert action._connection.method_calls == []
    return result


def test_what_was_found_is_kept(tmp_path: Path) -> None:
    results = [
        {**CONTROL, "status": "fail", "reason": "observed yes", "waiver": None},
        {**CONTROL, "id": "b", "status": "pass", "reason": ""},
    ]
    answer = run(directory=str(tmp_path), results=results, properties={"level": "high"}, mode="0640")
    path = tmp_path / "hosts" / "web-1.audit.json"
    assert answer == {
        "changed": False,
        "score": 50,
        "counts": {"pass": 1, "warn": 0, "fail": 1, "waived": 0, "skipped": 0},
        "problem": "",
        "path": str(path),
    }
    told = json.loads(path.read_text(encoding="utf-8"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert told["properties"] == {"run": "ana@controller (run 1)"}
    assert told["items"]["a"] == {"title": "A", "group": "sshd", "level": "high", "rationale": "Why.", "mend": "How."}
    assert told["hosts"]["web-1"]["properties"] == {"level": "high"}
    assert told["hosts"]["web-1"]["items"][0] == {"id": "a", "status": "fail", "message": "observed yes"}


def test_why_a_host_could_not_be_examined_is_kept(tmp_path: Path) -> None:
    answer = run(directory=str(tmp_path), problem="Task failed: Connection refused")
    assert (answer["score"], answer["problem"]) == (None, "Connection refused")
    told = json.loads((tmp_path / "hosts" / "web-1.audit.json").read_text(encoding="utf-8"))
    assert told["hosts"]["web-1"]["problem"] == "Connection refused"


@pytest.mark.parametrize("wrong", [{"mode": "rw"}, {"results": [{**CONTROL, "status": "ok"}]}])
def test_wrong_input_is_refused_before_anything_is_written(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(AnsibleActionFail, match="expected"):
        run(directory=str(tmp_path / "new"), **wrong)
    assert not (tmp_path / "new").exists()


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(AnsibleActionFail, match="file"):
        run(directory=str(tmp_path / "file" / "audit"))


def test_another_kind_has_a_name_of_its_own_and_may_warn(tmp_path: Path) -> None:
    answer = run(directory=str(tmp_path), results=[{**CONTROL, "status": "warning", "reason": "x"}], kind="patch")
    assert Path(answer["path"]).name == "web-1.patch.json" and answer["counts"]["warn"] == 1
