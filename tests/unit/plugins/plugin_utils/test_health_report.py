# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of checks become items of a report; a host that gave no answer is its problem."""

from __future__ import annotations

import datetime

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import health_report
from ansible_collections.groundwork.fleet.plugins.plugin_utils.health_results import STATUSES, Line
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports import formats

NOW = datetime.datetime(2026, 11, 25, 22, 40, tzinfo=datetime.UTC)
FLEET = {
    "web-1": {
        "checks": {
            "ssh": {"status": "ok", "type": "tcp", "seconds": 0.25},
            "nginx": {"status": "failed", "type": "systemd_unit", "message": "it is down"},
            "page": {"status": "skipped", "type": "http", "message": "", "root": "nginx"},
        }
    },
    "db-1": {"unreachable": True, "msg": "no route"},
}


def test_every_status_has_its_place_in_a_report() -> None:
    assert set(health_report.STATUSES) == set(STATUSES)
    assert health_report.item_of(Line("", "x", "tcp", "melted")).status == "fail"


def test_hosts_and_their_items() -> None:
    report = health_report.report_of(FLEET, NOW, "Health of staging", {"inventory": "staging"})
    db, web = report.hosts
    assert (report.kind, report.title, report.stamp) == ("health", "Health of staging", "2026-11-25T22:40:00Z")
    assert (db.host, db.problem, db.items) == ("db-1", "no route", ())
    assert [(item.id, item.status, item.message, item.group) for item in web.items] == [
        ("nginx", "fail", "it is down", "systemd_unit"),
        ("page", "skipped", "nginx failed", "http"),
        ("ssh", "pass", "", "tcp"),
    ]


def test_one_answer_is_a_report_of_one_host() -> None:
    (host,) = health_report.report_of(FLEET["web-1"], NOW).hosts
    assert (host.host, host.counts["fail"]) == ("host", 1)


def test_it_can_be_written_in_every_format_there_is_by_default() -> None:
    report = health_report.report_of(FLEET, NOW)
    assert set(health_report.FORMATS) <= set(formats.known())
    assert "nginx" in formats.rendered(report, ["junit"])["health.junit.xml"]


def test_what_is_no_answer_is_refused() -> None:
    with pytest.raises(BadInput, match="results is 3"):
        health_report.report_of(3, NOW)
