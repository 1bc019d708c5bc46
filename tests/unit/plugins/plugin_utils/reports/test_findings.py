# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses
import datetime

from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports import findings
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import Detail, HostReport, Item, Report


def fleet(count: int, message: str = "value is 1") -> Report:
    hosts = tuple(HostReport("h%03d" % number, (Item("a", "A", "fail", message.replace("#", str(number))),)) for number in range(count))
    return Report("audit", "t", datetime.datetime(2026, 11, 25, tzinfo=datetime.UTC), hosts)


def test_what_everybody_should_have_comes_first_then_what_most_hosts_fail(report: Report) -> None:
    items = tuple(Item(name, name, "fail") for name in ("high", "often", "rare", "own"))
    details = {"high": Detail("high"), "often": Detail("baseline"), "rare": Detail("baseline"), "own": Detail("mine")}
    hosts = (HostReport("a", items), HostReport("b", (Item("often", "often", "fail"), Item("rare", "rare", "pass"))))
    found = findings.by_item(Report("audit", "t", report.generated, hosts, details))
    assert [one.id for one in found] == ["often", "rare", "high", "own"]
    assert [one.number for one in found] == [1, 2, 3, 4]
    assert found[1].counts == {"pass": 1, "warn": 0, "fail": 1, "waived": 0, "skipped": 0}
    assert found[1].hosts == 2


def test_what_is_the_same_on_many_hosts_is_told_once() -> None:
    (found,) = findings.by_item(fleet(60))
    (observed,) = found.failed
    assert observed.message == "value is 1"
    assert (len(observed.hosts.names), observed.hosts.total, observed.hosts.more) == (50, 60, 10)
    assert observed.hosts.names[0] == "h000"


def test_many_rare_observations_become_one() -> None:
    (found,) = findings.by_item(fleet(25, "value is #"))
    assert len(found.failed) == findings.MOST_MESSAGES
    assert found.failed[-1].message == "6 further observations"
    assert sum(one.hosts.total for one in found.failed) == 25
    (found,) = findings.by_item(fleet(20, "value is #"))
    assert len(found.failed) == 20
    assert all(one.message.startswith("value") for one in found.failed)


def test_groups_are_those_of_the_items_the_worst_first(report: Report) -> None:
    found = findings.by_group(findings.by_item(report))
    assert [(group, score) for group, _counts, score in found] == [("sshd", 50), ("accounts", 100), ("audit", None)]
    assert found[0][1]["waived"] == 2


def test_waivers_with_what_they_cover(report: Report) -> None:
    (use,) = findings.waivers_used(report, findings.by_item(report))
    assert use.waiver.name == "console"
    assert [one.id for one in use.findings] == ["sshd-banner"]
    assert use.hosts.names == ("web-1", "db-1")
    assert (use.days_left, use.ends_soon) == (6, True)
    earlier = dataclasses.replace(report, generated=datetime.datetime(2026, 10, 1, tzinfo=datetime.UTC))
    (use,) = findings.waivers_used(earlier, findings.by_item(earlier))
    assert (use.days_left, use.ends_soon) == (61, False)


def test_reasons_and_hosts_that_could_not_be_examined(report: Report) -> None:
    (reason,) = findings.reasons(findings.by_item(report))
    assert reason.message == "container"
    assert [(one.id, count) for one, count in reason.findings] == [("auditd-rules", 2)]
    (problem,) = findings.unexamined(report)
    assert (problem.message, problem.hosts.names) == ("Connection timed out", ("ops-1",))


def test_the_worst_hosts_come_first_and_their_findings_are_bounded(report: Report) -> None:
    views = findings.by_host(report, findings.by_item(report))
    assert [view.report.host for view in views] == ["ops-1", "web-1", "db-1"]
    assert [(one.id, item.message) for one, item in views[1].failed] == [("sshd-root-login", "PermitRootLogin is yes")]
    large = fleet(findings.MOST_LINKS + 1)
    views = findings.by_host(large, findings.by_item(large))
    assert [view.left_out for view in views] == [False] * findings.MOST_LINKS + [True]
    assert not views[-1].failed
