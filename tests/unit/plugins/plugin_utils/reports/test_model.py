# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import datetime

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports import model
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import HostReport, Item, Report
from hypothesis import given
from hypothesis import strategies as st


def host(*statuses: model.Status) -> HostReport:
    return HostReport("web-1", tuple(Item("c%d" % number, "t", status) for number, status in enumerate(statuses)))


def test_counts_and_scores(report: Report) -> None:
    assert report.counts == {"pass": 3, "warn": 0, "fail": 1, "waived": 2, "skipped": 2}
    assert [one.score for one in report.hosts] == [50, 100, None]
    assert report.score == 75
    assert [one.host for one in report.unexamined] == ["ops-1"]
    assert [one.is_right for one in report.hosts] == [False, True, False]


def test_a_score_of_100_means_that_nothing_failed() -> None:
    assert host(*["pass"] * 999, "fail").score == 99
    assert host("pass", "warn").score == 100
    assert host("fail").score == 0
    assert host("waived", "skipped").score is None


def test_times_are_those_of_utc() -> None:
    late = datetime.datetime(2026, 11, 26, 0, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))
    made = Report("audit", "t", late, ())
    assert made.stamp == "2026-11-25T23:30:00Z"
    assert made.today == datetime.date(2026, 11, 25)


def test_an_item_of_which_nobody_said_more(report: Report) -> None:
    assert report.detail("sshd-root-login").level == "baseline"
    assert report.detail("umask") == model.NO_DETAIL


@pytest.mark.parametrize(
    ("name", "file"), [("web-1.example.org", "web-1.example.org"), ("a/b c", "a%2Fb%20c"), ("[::1]:22", "%5B%3A%3A1%5D%3A22")]
)
def test_each_host_has_its_file(name: str, file: str, report: Report) -> None:
    assert report.host_file(name) == "hosts/%s.audit.json" % file


@given(st.text(min_size=1), st.text(min_size=1))
def test_no_name_of_a_host_leads_elsewhere_or_to_another_host(one: str, other: str) -> None:
    made = Report("audit", "t", datetime.datetime.now(datetime.UTC), ())
    folder, _slash, name = made.host_file(one).partition("/")
    assert folder == "hosts"
    assert "/" not in name and not name.startswith(".") and name.isascii() and len(name) < 255
    assert one == other or made.host_file(one) != made.host_file(other)
