# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import datetime
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import waivers

TODAY = datetime.date(2026, 11, 25)
CONTROLS = ["sshd-root-login", "sshd-banner", "kernel-modules"]


def waiver(**options: Any) -> dict[str, Any]:
    return {"controls": ["sshd-banner"], "reason": "Scanned by  a\ncustomer.", "owner": "ana", "expires": "2027-03-31"} | options


def checked(value: Any) -> list[str]:
    return waivers.checked(value, CONTROLS, TODAY, ["web-1", "db-1"], ["web", "all"])


def test_waivers_that_are_right() -> None:
    value = {"a": waiver(), "b": waiver(hosts=["web-1"], groups=["web"], expires=datetime.date(2026, 11, 25))}
    assert checked(value) == []
    assert checked({}) == []
    assert checked(None) == []


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            {"controls": ["sshd-baner"]},
            ["fleet_waivers.a.controls is 'sshd-baner'; expected a known control", "Did you mean 'sshd-banner'?"],
        ),
        ({"hosts": ["web-2"]}, ["fleet_waivers.a.hosts is 'web-2'", "Did you mean 'web-1'?"]),
        ({"groups": ["wbe"]}, ["fleet_waivers.a.groups is 'wbe'", "Did you mean 'web'?"]),
        ({"controls": []}, ["fleet_waivers.a.controls is []; expected at least one control"]),
        ({"controls": "sshd-banner"}, ["fleet_waivers.a.controls is 'sshd-banner'; expected a list of names"]),
        ({"hosts": [1]}, ["fleet_waivers.a.hosts is [1]; expected a list of names"]),
        ({"reason": " "}, ["fleet_waivers.a.reason is ' '; expected why"]),
        ({"owner": None}, ["fleet_waivers.a.owner is None; expected who"]),
        ({"expires": None}, ["fleet_waivers.a.expires is None; expected a day in the form 2027-03-31"]),
        ({"expires": "31.3.2027"}, ["fleet_waivers.a.expires is '31.3.2027'"]),
        ({"expires": "2027-02-30"}, ["fleet_waivers.a.expires is '2027-02-30'"]),
        ({"expires": "20270331"}, ["fleet_waivers.a.expires is '20270331'"]),
        ({"expires": datetime.datetime(2027, 3, 31)}, ["fleet_waivers.a.expires is datetime.datetime"]),
        ({"expries": "2027-03-31"}, ["fleet_waivers.a is 'expries'; expected a known option of a waiver. Did you mean 'expires'?"]),
        (
            {"expires": "2026-11-24"},
            ["fleet_waivers.a.expires is '2026-11-24'; expected a day from 2026-11-25 on. It expired yesterday: have ana"],
        ),
        ({"expires": "2026-10-26"}, ["It expired 30 days ago"]),
    ],
)
def test_what_is_wrong_is_told_by_the_name_of_the_waiver(options: dict[str, Any], told: list[str]) -> None:
    (problem,) = checked({"a": waiver(**options), "b": waiver()})
    for text in told:
        assert text in problem


def test_every_problem_is_told() -> None:
    assert len(checked({"a": waiver(controls=["x", "y"], hosts=["z"], expires="2020-01-01"), "b": "x"})) == 5
    assert "fleet_waivers is ['a']; expected a mapping" in checked(["a"])[0]


def test_without_an_inventory_hosts_are_not_judged() -> None:
    assert waivers.checked({"a": waiver(hosts=["gone"], groups=["gone"])}, CONTROLS, TODAY) == []


@pytest.mark.parametrize(
    ("options", "covered"),
    [
        ({}, True),
        ({"hosts": [], "groups": []}, True),
        ({"hosts": ["web-1"]}, True),
        ({"hosts": ["db-1"]}, False),
        ({"groups": ["web"]}, True),
        ({"groups": ["database"]}, False),
        ({"hosts": ["db-1"], "groups": ["web"]}, True),
        ({"expires": "2026-11-25"}, True),
        ({"expires": "2026-11-24"}, False),
    ],
)
def test_which_hosts_a_waiver_covers(options: dict[str, Any], covered: bool) -> None:
    found = waivers.in_force({"a": waiver(**options)}, "web-1", ["web", "all"], TODAY)
    assert list(found) == (["sshd-banner"] if covered else [])


def test_of_two_waivers_the_one_that_holds_longest_counts() -> None:
    value = {"a": waiver(), "b": waiver(expires="2027-06-30"), "c": waiver(expires="2027-01-01")}
    assert waivers.in_force(value, "web-1", [], TODAY)["sshd-banner"].name == "b"
    assert waivers.in_force(None, "web-1", [], TODAY) == {}
    with pytest.raises(BadInput, match=r"fleet_waivers\.a\.owner"):
        waivers.in_force({"a": waiver(owner="")}, "web-1", [], TODAY)


def test_a_waiver_that_ends_soon_is_warned_of() -> None:
    days = {"past": "2026-11-24", "today": "2026-11-25", "tomorrow": "2026-11-26", "last": "2026-12-25", "far": "2026-12-26", "wrong": "x"}
    found = list(waivers.ending({name: waiver(expires=day) for name, day in days.items()}, TODAY))
    assert found == [
        "fleet_waivers.today ends today, on 2026-11-25; after that preflight fails. ana owns it.",
        "fleet_waivers.tomorrow ends tomorrow, on 2026-11-26; after that preflight fails. ana owns it.",
        "fleet_waivers.last ends in 30 days, on 2026-12-25; after that preflight fails. ana owns it.",
    ]
    assert list(waivers.ending(["x"], TODAY)) == []


def test_a_waiver_survives_being_written_and_read() -> None:
    one = waivers.declared({"a": waiver()})["a"].waiver
    assert one.reason == "Scanned by a customer."
    assert one.ends_soon(datetime.date(2027, 3, 1))
    assert not one.ends_soon(TODAY)
    assert waivers.from_mapping(one.mapping()) == one


def test_today_is_that_of_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Clock:
            assert tz is datetime.UTC
            return cls(2026, 11, 25, 23, 59, tzinfo=tz)

    monkeypatch.setattr(waivers.datetime, "datetime", Clock)
    assert waivers.today() == TODAY


def test_of_waivers_that_have_expired_the_latest_is_known() -> None:
    one = {"controls": ["a", "b"], "hosts": ["web-1"], "reason": "r", "owner": "ana", "expires": "2020-01-31"}
    given = {
        "one": one,
        "two": {**one, "controls": ["a"], "expires": "2021-01-31"},
        "three": {**one, "controls": ["b"], "expires": "2999-01-01"},
    }
    today = datetime.date(2026, 11, 25)
    assert {control: waiver.name for control, waiver in waivers.expired(given, "web-1", [], today).items()} == {"a": "two"}
    assert waivers.expired(given, "web-2", [], today) == {}
    assert waivers.expired(None, "web-1", [], today) == {}
