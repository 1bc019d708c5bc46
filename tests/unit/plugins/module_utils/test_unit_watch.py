# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import systemd, unit_watch

UP = systemd.Observed(
    name="a.service", load="loaded", active="active", sub="running", kind="exec", restarts="0", active_since=100.0, left_inactive_at=99.0
)


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


def watch(wanted, changes, anew=("a.service", "b.service")):
    """Watch units of which `changes` says from which second on they are different. Returns what broke, and how long it took."""
    clock = Clock()
    begun = clock.now

    def observe(names):
        found = {}
        for name in names:
            found[name] = dataclasses.replace(UP, name=name)
            for second, values in changes.get(name, []):
                if clock.now - begun >= second:
                    found[name] = dataclasses.replace(found[name], **values)
        return found

    broken = unit_watch.watch(observe, wanted, anew, clock, clock.sleep)
    return broken, clock.now - begun


def test_what_stays_up_is_watched_for_just_that_long():
    assert watch({"a.service": 10, "b.service": 2}, {}) == (None, 10)
    assert watch({"a.service": 0.2}, {}) == (None, pytest.approx(0.2))


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"active": "activating", "sub": "auto-restart", "result": "exit-code", "exit_status": "3"}, "it is activating (auto-restart)"),
        ({"active": "failed", "sub": "failed"}, "it is failed (failed)"),
        ({"active": "inactive", "sub": "dead"}, "it is inactive (dead)"),
        ({"restarts": "2"}, "systemd has started it anew 2 times"),
        ({"active_since": 105.0}, "it was started once more"),
    ],
)
def test_what_does_not_stay_up_is_seen_at_once(values, why):
    broken, took = watch({"a.service": 10, "b.service": 30}, {"a.service": [(5, values)]})
    assert (broken.seen.name, broken.why) == ("a.service", why)
    assert took == pytest.approx(5, abs=unit_watch.PAUSE)


def test_a_crash_after_the_watch_is_not_its_matter():
    assert watch({"a.service": 4, "b.service": 9}, {"a.service": [(5, {"active": "failed"})]})[0] is None


def test_restarts_before_a_reload_are_not_those_of_the_reload():
    before = {"a.service": [(0, {"restarts": "3"})]}
    assert watch({"a.service": 2}, before, anew=())[0] is None
    assert watch({"a.service": 2}, before)[0].why == "systemd has started it anew 3 times"


def test_a_timer_waits_and_a_job_that_ended_well_is_fine():
    for values in ({"sub": "waiting", "restarts": ""}, {"kind": "oneshot", "active": "inactive", "sub": "dead"}):
        assert watch({"a.service": 2}, {"a.service": [(0, values)]})[0] is None


def test_the_error_has_times_and_the_journal():
    broken, _took = watch({"a.service": 10}, {"a.service": [(5, {"active": "failed", "sub": "failed", "exit_status": "3"})]})
    text = unit_watch.told(broken, 10, ["line one"])
    assert text.startswith("a.service did not stay up for 10 s after its start: after 5.0 s it is failed (failed); ")
    assert "exit status 3" in text and text.endswith("Last journal lines:\n  line one")
