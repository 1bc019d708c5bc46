# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action shows the fleet, writes the files that were asked for and fails with the last line of its view."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.groundwork.fleet.plugins.action import health_report
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports import formats

ILL = {"web-1": {"checks": {"ssh": {"status": "failed", "type": "tcp", "message": "closed"}}}}
WARNED = {"web-1": {"checks": {"ssh": {"status": "warning", "type": "tcp", "message": "slow"}}}}
WELL = {"web-1": {"checks": {"ssh": {"status": "ok", "type": "tcp"}}}}
THERE = [name for name in ("document", "junit", "tap", "nagios") if name in formats.known()]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect what is displayed."""
    found: list[str] = []
    monkeypatch.setattr(health_report, "Display", lambda: SimpleNamespace(display=found.append))
    return found


def run(monkeypatch: pytest.MonkeyPatch, check_mode: bool = False, **arguments: Any) -> dict[str, Any]:
    monkeypatch.setattr(ActionBase, "run", lambda *_arguments, **_options: {})
    action: Any = health_report.ActionModule.__new__(health_report.ActionModule)
    action._task = SimpleNamespace(args=arguments, check_mode=check_mode)
    return dict(action.run(task_vars={}))


def test_it_shows_the_fleet_and_fails(monkeypatch: pytest.MonkeyPatch, shown: list[str]) -> None:
    answer = run(monkeypatch, results=ILL)
    assert (answer["failed"], answer["msg"]) == (True, "1 check on 1 host: 1 failed")
    assert "FAILED  web-1  ssh    closed" in shown[0]
    assert (answer["changed"], answer["files"], answer["summary"]["ill_hosts"]) == (False, [], ["web-1"])
    assert answer["failed_hosts"] == ["web-1"]


@pytest.mark.parametrize(
    ("arguments", "failed"),
    [
        ({"results": WELL}, False),
        ({"results": ILL, "fail": False}, False),
        ({"results": WARNED}, False),
        ({"results": WARNED, "warnings": False}, True),
        ({"results": {}}, True),
    ],
)
def test_what_fails_it(monkeypatch: pytest.MonkeyPatch, shown: list[str], arguments: dict[str, Any], failed: bool) -> None:
    assert run(monkeypatch, **arguments).get("failed", False) is failed


def test_which_hosts_have_failed(monkeypatch: pytest.MonkeyPatch, shown: list[str]) -> None:
    fleet = {**WARNED, "web-2": ILL["web-1"], "web-3": {}, "web-4": WELL["web-1"]}
    assert run(monkeypatch, results=fleet)["failed_hosts"] == ["web-2", "web-3"]
    assert run(monkeypatch, results=fleet, warnings=False)["failed_hosts"] == ["web-1", "web-2", "web-3"]


def test_it_writes_the_formats_asked_for(monkeypatch: pytest.MonkeyPatch, shown: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "new" / "reports"
    answer = run(monkeypatch, results=WELL, directory=str(folder), formats=THERE)
    assert sorted(path.name for path in folder.iterdir()) == ["health.json", "health.junit.xml", "health.nagios.txt", "health.tap"]
    assert sorted(answer["files"]) == sorted(str(path) for path in folder.iterdir())
    assert json.loads((folder / "health.json").read_text())["version"]
    assert "ok 1 - web-1: ssh" in (folder / "health.tap").read_text()


def test_check_mode_writes_nothing(monkeypatch: pytest.MonkeyPatch, shown: list[str], tmp_path: Path) -> None:
    answer = run(monkeypatch, check_mode=True, results=WELL, directory=str(tmp_path / "new"), formats=THERE)
    assert (answer["files"], (tmp_path / "new").exists(), "1 ok" in shown[0]) == ([], False, True)


def test_the_width_is_that_of_the_terminal(monkeypatch: pytest.MonkeyPatch, shown: list[str]) -> None:
    monkeypatch.setenv("COLUMNS", "44")
    long = {"web-1": {"checks": {"ssh": {"status": "failed", "type": "tcp", "message": "because " * 20}}}}
    assert max(len(line) for line in run(monkeypatch, results=long)["view"]) <= 44
    assert max(len(line) for line in run(monkeypatch, results=long, width=60)["view"]) == 60


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"formats": ["junti"], "directory": "x"}, "Did you mean 'junit'"),
        ({"directory": "/dev/null/x", "formats": ["tap"]}, "directory is '/dev/null/x'; expected a folder"),
    ],
)
def test_wrong_input(monkeypatch: pytest.MonkeyPatch, shown: list[str], arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(AnsibleActionFail, match=message):
        run(monkeypatch, results=WELL, **arguments)
    assert shown == []
