# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.formats import document
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import HostReport, Item, Report


def test_the_document_tells_everything(report: Report) -> None:
    told = json.loads(document.render(report))
    assert {key: told[key] for key in ("format", "kind", "title", "generated", "version", "properties", "score", "counts")} == {
        "format": 1,
        "kind": "audit",
        "title": "Audit of staging",
        "generated": "2026-11-25T22:40:00Z",
        "version": "0.1.0",
        "properties": {"inventory": "staging", "level": "strict"},
        "score": 75,
        "counts": {"pass": 3, "warn": 0, "fail": 1, "waived": 2, "skipped": 2},
    }
    assert told["items"]["sshd-root-login"] == {
        "title": "sshd refuses root",
        "group": "sshd",
        "level": "baseline",
        "rationale": "Whoever gets in as root leaves no name behind.",
        "mend": "Log in as yourself.",
        "references": {"anssi_bp_028": ["R33"]},
        "risk": ["lock_out"],
    }
    assert told["hosts"]["web-1"]["score"] == 50
    assert told["hosts"]["web-1"]["items"] == [
        {"id": "sshd-root-login", "status": "fail", "message": "PermitRootLogin is yes", "seconds": 0.25},
        {
            "id": "sshd-banner",
            "status": "waived",
            "message": "none is set",
            "seconds": 0.5,
            "waiver": {"name": "console", "reason": "The <console> needs it.", "owner": "ana & ben", "expires": "2026-12-01"},
        },
        {"id": "auditd-rules", "status": "skipped", "message": "container"},
        {"id": "umask", "status": "pass", "properties": {"found": "027"}},
    ]
    assert told["hosts"]["ops-1"]["problem"] == "Connection timed out"
    assert told["hosts"]["ops-1"]["score"] is None


def test_what_is_written_can_be_read(report: Report) -> None:
    read = document.parsed(document.render(report))
    assert read.hosts == report.hosts
    assert read.detail("sshd-root-login") == report.detail("sshd-root-login")
    assert (read.generated, read.kind, read.title, read.version) == (report.generated, report.kind, report.title, report.version)
    assert document.render(read) == document.render(report)


@pytest.mark.parametrize("change", [{"format": 2}, {"hosts": {"a": {}}}, {"hosts": []}, {"items": None}, {"generated": "today"}])
def test_what_is_no_report_is_refused(report: Report, change: dict[str, Any]) -> None:
    told = json.loads(document.render(report)) | change
    with pytest.raises(ValueError, match=r"."):
        document.parsed(json.dumps(told))


def test_a_status_that_does_not_exist_is_refused(report: Report) -> None:
    with pytest.raises(ValueError, match="status 'passed'"):
        document.parsed(document.render(report).replace('"pass",', '"passed",').replace('"status": "pass"', '"status": "passed"'))


def test_a_title_that_differs_stands_with_its_host(report: Report) -> None:
    hosts = (HostReport("a", (Item("port", "port 80", "pass"),)), HostReport("b", (Item("port", "port 443", "pass"),)))
    told = json.loads(document.render(Report("health", "Health", report.generated, hosts)))
    assert told["items"]["port"]["title"] == "port 80"
    assert told["hosts"]["b"]["items"] == [{"id": "port", "status": "pass", "title": "port 443"}]
