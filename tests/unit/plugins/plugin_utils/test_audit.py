# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import audit, settings
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import Detail, HostReport, Item, Report
from ansible_collections.groundwork.fleet.plugins.plugin_utils.waivers import Waiver

NOW = datetime.datetime(2026, 11, 25, tzinfo=datetime.UTC)
WAIVER = {"name": "w", "reason": "x", "owner": "ana", "expires": "2026-12-01"}


def result(**more: Any) -> dict[str, Any]:
    given = {"id": "sshd_root_login", "title": "sshd refuses root", "area": "sshd", "level": "baseline", "status": "pass", "reason": ""}
    texts = {"rationale": "Why.", "mend": "How.", "references": {"anssi_bp_028": ["R33"]}, "risk": ["lock_out"], "waiver": WAIVER}
    return {**given, **texts, **more}


def made(*hosts: HostReport) -> Report:
    return audit.report("Audit", NOW, hosts, {}, "")


def host(name: str, *statuses: Any, **properties: str) -> HostReport:
    return HostReport(name, tuple(Item("c%d" % number, "t", status) for number, status in enumerate(statuses)), properties=properties)


@pytest.mark.parametrize(("status", "wanted"), [("pass", "pass"), ("fail", "fail"), ("waived", "waived"), ("not applicable", "skipped")])
def test_what_a_control_came_to(status: str, wanted: str) -> None:
    found = audit.item(result(status=status, reason="observed yes"))
    assert (found.id, found.title, found.group, found.status, found.message) == (
        "sshd_root_login",
        "sshd refuses root",
        "sshd",
        wanted,
        "observed yes",
    )
    assert found.waiver == (Waiver("w", "x", "ana", datetime.date(2026, 12, 1)) if status == "waived" else None)


def test_a_status_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BadInput, match="results: status is 'ok'; expected one of pass, fail"):
        audit.item(result(status="ok"))


def test_what_there_is_to_say_about_a_control() -> None:
    assert audit.detail(result()) == Detail("baseline", "Why.", "How.", {"anssi_bp_028": ("R33",)}, ("lock_out",))
    assert audit.detail({"id": "a"}) == Detail()


def test_the_version_comes_from_the_manifest_or_from_the_clone(tmp_path: Path) -> None:
    assert audit.collection_version(tmp_path) == ""
    (tmp_path / "galaxy.yml").write_text("version: 1.2.3", encoding="utf-8")
    assert audit.collection_version(tmp_path) == "1.2.3"
    (tmp_path / "MANIFEST.json").write_text(json.dumps({"collection_info": {"version": "1.2.4"}}), encoding="utf-8")
    assert audit.collection_version(tmp_path) == "1.2.4"
    assert audit.collection_version(settings.COLLECTION)


@pytest.mark.parametrize(("text", "mode"), [("0600", 0o600), ("640", 0o640)])
def test_modes(text: str, mode: int) -> None:
    assert audit.file_mode(text) == mode
    for wrong in ("0888", "rw", "07777", ""):
        with pytest.raises(BadInput, match="mode is"):
            audit.file_mode(wrong)


def test_what_all_examined_hosts_share() -> None:
    hosts = (host("a", level="strict", system="Debian 12"), host("b", level="strict", system="Debian 13"), HostReport("c", problem="gone"))
    assert audit.shared_properties(made(*hosts)) == {"level": "strict"}
    assert audit.shared_properties(made(hosts[2])) == {}


def test_hosts_below_a_limit() -> None:
    fleet = made(host("a", "pass"), host("b", "pass", "fail"), HostReport("c", problem="gone"), host("d", "skipped"))
    assert audit.below(fleet, 51) == ["b (50)", "c (not examined)"]
    assert audit.below(fleet, 50) == ["c (not examined)"]
    assert audit.too_low(["b (50)"], 51, "/r") == "1 host is below 51: b (50). The report lies in /r."
    assert audit.too_low(["h"] * 25, 51, "/r") == "25 hosts are below 51: %s and 5 more. The report lies in /r." % ", ".join(["h"] * 20)


def test_the_table_for_a_terminal() -> None:
    waived = HostReport("web-1", (Item("a", "A", "waived", waiver=Waiver("w", "x", "ana", datetime.date(2026, 12, 1))),))
    far = HostReport("web-2", (Item("a", "A", "waived", waiver=Waiver("v", "x", "ana", datetime.date(2027, 12, 1))),))
    fleet = made(
        host("db-1", "pass", "fail", "fail"), waived, far, HostReport("ops-1", problem="Failed to connect: port  22\n" + "x" * 100)
    )
    assert audit.table(fleet) == [
        "host         score  failed  waived  passed  not applicable",
        "ops-1        not examined (port 22 %s...)" % ("x" * 39),
        "db-1            33       2       0       1               0",
        "web-1            -       0       1       0               0",
        "web-2            -       0       1       0               0",
        "all 4 hosts     33       2       2       1               0",
        "waiver w of ana ends on 2026-12-01",
    ]


def test_one_host_is_no_plural() -> None:
    assert audit.table(made(host("a", "pass")))[-1].startswith("1 host ")


def test_the_table_of_many_hosts_is_short() -> None:
    lines = audit.table(made(*(host("h%03d" % number, *["fail"] * number, "pass") for number in range(100))))
    assert len(lines) == 23
    assert lines[1].startswith("h050 ")
    assert lines[21] == "... and 80 more, none of them worse"


def test_what_ansible_puts_before_every_message_is_left_out() -> None:
    assert audit.problem("Task failed: Connection refused\n") == "Connection refused"
    assert audit.problem("Connection refused") == "Connection refused"
    wrapped = "Task failed: Finalization of task args for 'x' failed: Error while resolving 'y': The lookup plugin 'z' failed: a is 1."
    assert audit.problem("Observe: " + wrapped) == "Observe: a is 1."
