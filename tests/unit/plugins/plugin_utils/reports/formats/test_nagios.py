# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.formats import nagios
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import HostReport, Item, Report, Status


def test_the_whole_text(report: Report) -> None:
    assert nagios.render(report).splitlines() == [
        "AUDIT CRITICAL - 2 of 3 hosts ill; web-1 sshd-root-login: PermitRootLogin is yes | "
        "'hosts'=3 'ill_hosts'=2;;0 'pass'=3 'warn'=0 'fail'=1;;0 'waived'=2 'skipped'=2",
        "web-1 sshd-root-login: PermitRootLogin is yes",
        "ops-1: Connection timed out",
    ]


@pytest.mark.parametrize(
    ("statuses", "state", "code"),
    [
        (["pass", "skipped"], "OK", 0),
        (["pass", "warn"], "WARNING", 1),
        (["warn", "fail"], "CRITICAL", 2),
        ([], "UNKNOWN", 3),
    ],
)
def test_the_state_and_its_code(report: Report, statuses: list[Status], state: str, code: int) -> None:
    host = HostReport("web-1", tuple(Item(str(number), "", status) for number, status in enumerate(statuses)))
    found = dataclasses.replace(report, hosts=(host,))
    assert (nagios.state(found), nagios.CODES[nagios.state(found)]) == (state, code)


def test_a_host_that_could_not_be_examined_is_critical(report: Report) -> None:
    assert nagios.state(dataclasses.replace(report, hosts=(HostReport("web-1", problem="no route"),))) == "CRITICAL"


def test_a_message_begins_no_performance_data(report: Report) -> None:
    host = HostReport("web-1", (Item("page", "", "warn", "a|b\nc"),))
    assert nagios.render(dataclasses.replace(report, hosts=(host,))).splitlines()[1:] == ["(warning) web-1 page: a/b c"]
