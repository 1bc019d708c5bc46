# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import audit, patch_report
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports import formats
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import HostReport, Report

NOW = datetime.datetime(2026, 11, 25, tzinfo=datetime.UTC)
OPENSSL = {"name": "openssl", "before": "1", "after": "2", "origin": "x-security", "security": True, "kept": ""}
KERNEL = {**OPENSSL, "name": "kernel", "kept": "held"}
VIM = {**OPENSSL, "name": "vim", "security": False}


def status(**more: Any) -> dict[str, Any]:
    quiet: dict[str, Any] = {
        "pending": [],
        "security": [],
        "held": {},
        "obsolete": {},
        "reboot": {"needed": False, "reasons": []},
        "processes": [],
        "lists": {"refreshed": 1, "age": 3600},
        "dpkg": {"interrupted": False, "packages": [], "problem": ""},
        "repository_keys": [],
        "unfinished": None,
    }
    return {**quiet, **more}


def items(**more: Any) -> dict[str, tuple[str, str]]:
    return {one["id"]: (one["status"], one["reason"]) for one in patch_report.host_items(status(**more), NOW.timestamp())}


def test_a_host_that_is_well_patched() -> None:
    assert {found for found, _reason in items().values()} == {"pass"}
    assert len(items()) == 9


@pytest.mark.parametrize(
    ("more", "name", "expected"),
    [
        ({"pending": [OPENSSL, KERNEL]}, "security_updates", ("fail", "openssl 1 -> 2, kernel 1 -> 2 (held)")),
        ({"pending": [VIM]}, "updates", ("warning", "vim 1 -> 2")),
        ({"pending": [KERNEL], "held": {"kernel": "1", "web": "3"}}, "held", ("warning", "kernel")),
        ({"held": {"web": "3"}}, "held", ("pass", "web 3")),
        ({"obsolete": {"old": "1"}}, "obsolete", ("warning", "old 1")),
        ({"reboot": {"needed": True, "reasons": ["a", "b"]}}, "reboot", ("fail", "a; b")),
        ({"processes": [{"unit": "", "programs": ["bash", "vi"], "processes": 2}]}, "processes", ("fail", "bash, vi (2)")),
        ({"lists": {"refreshed": 1, "age": 3 * 86400}}, "package_lists", ("fail", "72.0 hours old")),
        ({"dpkg": {"interrupted": True, "packages": ["a"], "problem": ""}}, "dpkg", ("fail", "a")),
        (
            {"repository_keys": [{"repository": "r", "key": "K", "expires": NOW.timestamp() + 864000}]},
            "repository_keys",
            ("warning", "r in 10 days"),
        ),
        ({"repository_keys": [{"repository": "r", "key": "K", "expires": NOW.timestamp() - 1}]}, "repository_keys", ("fail", "r ended")),
        ({"repository_keys": [{"repository": "r", "key": "K", "expires": None}]}, "repository_keys", ("pass", "")),
    ],
)
def test_what_is_wrong(more: dict[str, Any], name: str, expected: tuple[str, str]) -> None:
    assert items(**more)[name] == expected


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"lists": {"refreshed": None, "age": None}}, "there are no package lists"),
        ({"dpkg": {"interrupted": True, "packages": [], "problem": "E: half"}}, "E: half"),
    ],
)
def test_what_is_not_known_is_not_called_well(more: dict[str, Any], reason: str) -> None:
    found = items(**more)
    assert {found[name] for name in ("security_updates", "updates", "obsolete")} == {("not applicable", reason)}
    assert patch_report.host_properties(status(**more), "")["security"] == "?"


def test_many_names_are_cut() -> None:
    assert patch_report.shown(str(number) for number in range(33)).endswith("29 and 3 more")


@pytest.mark.parametrize(("outcome", "wanted"), list(patch_report.OUTCOMES.items()))
def test_how_a_run_ended(outcome: str, wanted: str) -> None:
    found = patch_report.host_result(status(), outcome, "why", NOW)
    assert (found["results"][0]["status"], found["results"][0]["reason"]) == (wanted, outcome + ": why")
    assert found["properties"]["outcome"] == outcome


def test_an_outcome_that_does_not_exist() -> None:
    with pytest.raises(BadInput, match="Did you mean 'patched'"):
        patch_report.outcome_item("patche", "")


def host(name: str, outcome: str = "", problem: str = "", **more: Any) -> HostReport:
    kept = patch_report.host_result(status(**more), outcome, "", NOW)
    return HostReport(name, tuple(audit.item(one) for one in kept["results"]), problem, kept["properties"])


def report(*hosts: HostReport) -> Report:
    return audit.report("Patches", NOW, hosts, {}, "", kind="patch")


def test_the_table_has_the_worst_first() -> None:
    lines = audit.table(
        report(
            host("quiet", "nothing to do"),
            host("gone", problem="Connection\nrefused"),
            host("ill", "waiting", pending=[OPENSSL], security=["openssl"]),
            host("later", "waiting", reboot={"needed": True, "reasons": ["x"]}),
            host("back", "back"),
        )
    )
    assert [line.split()[0] for line in lines] == ["host", "gone", "back", "ill", "later", "quiet", "all"]
    assert lines[1].endswith("not examined (Connection refused)") and lines[2].endswith("back")
    assert lines[-1].split() == ["all", "5", "hosts", "1", "1", "0", "0", "1", "0"]


def test_a_large_fleet_is_cut() -> None:
    lines = audit.table(report(*(host("web-%d" % number) for number in range(25))))
    assert len(lines) == 23 and lines[-2] == "... and 5 more, none of them worse" and "outcome" not in lines[0]


def test_every_format_can_be_written() -> None:
    texts = formats.rendered(report(host("ill", "back", pending=[OPENSSL], security=["openssl"]), host("gone", problem="x")))
    assert {"patch.json", "patch.junit.xml", "patch.prom", "patch.html"} <= set(texts)
    assert json.loads(texts["patch.json"])["hosts"]["ill"]["properties"]["security"] == "1"
    assert 'groundwork_patch_failed_hosts{id="security_updates"' in texts["patch.prom"]
