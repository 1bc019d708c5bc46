# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import drift

STEPS = {
    "files": {"changed": True, "changed_files": ["/etc/a", "/etc/b"]},
    "units": {"changed": True, "restarted": ["a.service"], "started": [], "change": "1"},
    "packages": {"changed": True, "installed": {"nginx": "1"}},
    "kernel_settings": {"changed": True},
    "health": {"changed": False, "changed_files": ["/not/this"]},
}


@pytest.mark.parametrize(
    ("result", "number", "what"),
    [
        ({"changed": True, "results": STEPS}, 5, ("/etc/a", "/etc/b", "restarted a.service", "installed nginx", "kernel_settings")),
        ({"changed": True, "results": [{"changed": True}, {"changed": False}, {"changed": True}, 1]}, 2, ()),
        ({"changed": True, "changed_files": ["/etc/a"]}, 1, ("/etc/a",)),
        ({"changed": True, "dest": "/etc/a", "content": "hunter2"}, 1, ()),
        ({"changed": True, "results": {}}, 1, ()),
    ],
)
def test_what_a_task_would_change_is_named_and_counted(result: dict[str, Any], number: int, what: tuple[str, ...]) -> None:
    assert drift.difference("t", result) == drift.Difference("t", number, what)


def test_of_many_names_some_are_told() -> None:
    assert drift.Difference("t", 10, tuple("abcdefghij")).told == "t: a, b, c, d, e, f, g, h and 2 more"
    assert drift.Difference("t", 1).told == "t"


@pytest.fixture(name="record")
def _record(tmp_path: Path) -> drift.Record:
    record = drift.Record()
    record.take("web-1", "groundwork.fleet.hardening", "Harden", {"changed": True, "results": STEPS})
    record.take("web-1", "groundwork.fleet.hardening", "Look", {"changed": False})
    record.take("web-1", "", "Say", {"changed": True})
    record.take("db-1", "groundwork.fleet.users", "Users", {})
    record.fail("db-1", "Rescued", {"msg": "it was rescued"})
    record.fail("old-1", "Facts", {"msg": "no route"})
    record.fail("old-1", "Later", {})
    (tmp_path / drift.FILE).write_text(record.text())
    return drift.read(str(tmp_path), True)


def test_a_role_that_would_change_something_is_a_failed_check(record: drift.Record) -> None:
    found = drift.answers(record, ["web-1", "db-1", "old-1", "none-1"], ["web-1", "db-1"])
    assert found["web-1"]["checks"]["hardening"]["status"] == "failed"
    assert found["web-1"]["checks"]["hardening"]["message"].startswith("5 differences: Harden: /etc/a, /etc/b, restarted a.service")
    assert found["web-1"]["checks"]["playbook"]["message"] == "1 difference: Say"
    assert found["db-1"] == {"checks": {"users": {"type": "role", "status": "ok", "message": "", "seconds": 0}}}
    assert found["old-1"] == {"msg": "Facts: no route"}
    assert "left the run" in found["none-1"]["msg"]


def test_the_numbers_are_metrics(record: drift.Record) -> None:
    text = drift.to_textfile(record, "web-1", 1234.5)
    assert 'groundwork_drift_differences{role="hardening"} 5\n' in text and 'groundwork_drift_differences{role="playbook"} 1\n' in text
    assert text.endswith("groundwork_drift_last_run_seconds 1234\n")
    assert 'groundwork_drift_differences{role="users"} 0\n' in drift.to_textfile(record, "db-1", 1)
    assert "differences" not in drift.to_textfile(record, "none-1", 1)


@pytest.mark.parametrize(("check_mode", "message"), [(True, "ANSIBLE_CALLBACKS_ENABLED=groundwork.fleet.drift"), (False, "with --check")])
def test_a_run_that_nobody_counted_is_refused(tmp_path: Path, check_mode: bool, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        drift.read(str(tmp_path), check_mode)
