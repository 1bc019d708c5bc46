# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.groundwork.fleet.plugins.action import audit_report
from ansible_collections.groundwork.fleet.plugins.plugin_utils import audit
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports import store
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import HostReport, Item

from . import making

RUN = "ana@controller (run 1)"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Return a directory in which this run kept one host with a finding and one that could not be reached."""
    for host in (
        HostReport("web-1", (Item("a", "A", "fail", "x"), Item("b", "B", "pass")), properties={"level": "strict"}),
        HostReport("db-1", problem="Connection refused"),
    ):
        made = audit.report("Audit", datetime.datetime.now(datetime.UTC), [host], {store.RUN: RUN}, "")
        store.keep_host(tmp_path, made, 0o600)
    return tmp_path


def run(**arguments: Any) -> dict[str, Any]:
    action = making.made(audit_report.ActionModule, arguments, check_mode=True)
    with mock.patch.object(audit_report, "run_identity", lambda: RUN):
        result: dict[str, Any] = action.run(task_vars={})
    return result


def test_all_reports_are_written(directory: Path) -> None:
    answer = run(directory=str(directory), hosts=["web-1", "db-1", "ops-1"], title="Audit of staging", properties={"inventory": "x"})
    assert {key: answer[key] for key in ("changed", "score", "counts")} == {
        "changed": False,
        "score": 50,
        "counts": {"pass": 1, "warn": 0, "fail": 1, "waived": 0, "skipped": 0},
    }
    assert sorted(Path(path).name for path in answer["paths"]) == [
        "audit.html",
        "audit.json",
        "audit.junit.xml",
        "audit.nagios.txt",
        "audit.prom",
        "audit.sarif",
        "audit.tap",
    ]
    assert all(Path(path).is_file() for path in answer["paths"])
    assert answer["table"][0].startswith("host ")
    told = json.loads((directory / "audit.json").read_text(encoding="utf-8"))
    assert told["title"] == "Audit of staging"
    assert told["properties"] == {"level": "strict", "inventory": "x", "run": RUN}
    assert {name: host["problem"] for name, host in told["hosts"].items()} == {
        "web-1": "",
        "db-1": "Connection refused",
        "ops-1": store.NOT_KEPT,
    }


def test_hosts_below_the_limit_fail_the_run_after_the_reports_are_written(directory: Path) -> None:
    answer = run(directory=str(directory), hosts=["web-1", "db-1"], fail_below=90)
    assert answer["failed"]
    assert answer["msg"] == "2 hosts are below 90: web-1 (50), db-1 (not examined). The report lies in %s." % directory
    assert (directory / "audit.html").is_file()
    assert not run(directory=str(directory), hosts=["web-1"], fail_below=50).get("failed")


def test_only_the_formats_that_are_asked_for(directory: Path) -> None:
    assert run(directory=str(directory), hosts=["web-1"], formats=["sarif"])["paths"] == [str(directory / "audit.sarif")]
    with pytest.raises(AnsibleActionFail, match=r"formats is 'srif'.*Did you mean 'sarif'\?"):
        run(directory=str(directory), hosts=["web-1"], formats=["srif"])


def test_a_report_of_another_kind_has_names_and_a_table_of_its_own(tmp_path: Path) -> None:
    host = HostReport("web-1", (Item("security_updates", "A", "fail", "x"),), properties={"security": "3", "pending": "3"})
    made = audit.report("Patches", datetime.datetime.now(datetime.UTC), [host], {store.RUN: RUN}, "", kind="patch")
    store.keep_host(tmp_path, made, 0o600)
    answer = run(directory=str(tmp_path), hosts=["web-1"], kind="patch", formats=["document"])
    assert [Path(path).name for path in answer["paths"]] == ["patch.json"]
    assert answer["table"][1].split()[:3] == ["web-1", "3", "3"]
    assert "security" not in json.loads((tmp_path / "patch.json").read_text(encoding="utf-8"))["properties"]
