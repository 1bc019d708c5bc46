# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In a maintenance window a failure does not block, and only in it."""

from __future__ import annotations

import calendar
import datetime
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health_maintenance
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput


def at(text: str) -> float:
    return calendar.timegm(datetime.datetime.fromisoformat(text).timetuple())


def names(window: dict[str, Any], now: str) -> list[str]:
    windows = health_maintenance.windows([{"reason": "x", **window}])
    return sorted(health_maintenance.reasons(windows, ["web page", "web port", "db"], at(now)))


ALL = ["db", "web page", "web port"]


@pytest.mark.parametrize(
    ("start", "end", "now", "open_"),
    [
        ("2026-01-31T22:00Z", "2026-01-31T23:00Z", "2026-01-31T22:00", True),
        ("2026-01-31T22:00Z", "2026-01-31T23:00Z", "2026-01-31T23:00", False),
        ("2026-01-31T22:00Z", "2026-01-31T23:00Z", "2026-01-31T21:59", False),
        ("2026-01-31 22:00", "2026-01-31 23:00:00", "2026-01-31T22:30", True),
        ("2026-01-31T22:00+02:00", "2026-01-31T23:00+0200", "2026-01-31T20:30", True),
        ("2026-01-31T22:00-02:30", "2026-02-01T23:00-02:30", "2026-02-01T00:31", True),
        ("22:00", "23:30", "2026-05-05T23:29", True),
        ("22:00", "23:30", "2026-05-05T23:30", False),
        ("23:00", "1:00", "2026-05-05T00:59", True),
        ("23:00", "1:00", "2026-05-05T02:00", False),
        (1320, 1380, "2026-05-05T22:30", True),
        (datetime.datetime(2026, 1, 31, 22, 0, tzinfo=datetime.UTC), "2026-02-01T00:00Z", "2026-01-31T22:30", True),
    ],
)
def test_when_a_window_is_open(start: Any, end: Any, now: str, open_: bool) -> None:
    assert names({"from": start, "until": end}, now) == (ALL if open_ else [])


def test_a_window_may_be_for_some_checks() -> None:
    assert names({"from": "00:00", "until": "23:59", "checks": "web *"}, "2026-01-01T12:00") == ["web page", "web port"]
    assert names({"from": "00:00", "until": "23:59", "checks": ["db"]}, "2026-01-01T12:00") == ["db"]


def test_the_reason_is_told_with_the_end() -> None:
    windows = health_maintenance.windows([{"from": "00:00", "until": "23:59", "reason": "vacuum"}])
    assert health_maintenance.reasons(windows, ["db"], 0) == {"db": "maintenance: vacuum, until 23:59"}


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({}, r"maintenance is \{\}; expected a list"),
        (["now"], r"maintenance\[0\] is 'now'; expected a mapping"),
        ([{"form": "22:00"}], r"Did you mean 'from'\?"),
        ([{"from": "22:00", "until": "23:00"}], r"maintenance\[0\]\.reason is None"),
        ([{"from": "22:00", "until": "2026-01-31T22:00", "reason": "x"}], r"maintenance\[0\]\.from is '22:00'; expected a moment"),
        ([{"from": "2026-13-31T22:00", "until": "2026-01-31T22:00", "reason": "x"}], r"expected a moment"),
        ([{"from": "2026-01-31T22:00", "until": "2026-01-31T21:00", "reason": "x"}], r"expected a moment after `from`"),
        ([{"from": "22:00", "until": "22:00", "reason": "x"}], r"expected a moment after `from`"),
    ],
)
def test_what_is_refused(declared: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        health_maintenance.windows(declared)
