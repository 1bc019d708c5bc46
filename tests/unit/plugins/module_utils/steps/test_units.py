# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import time

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import systemd
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import units


class Failed(Exception):
    pass


class FakeHost:
    """A systemd that knows one unit and notes what it is told."""

    timeout = 1

    def __init__(self, seen):
        self.seen, self.told, self.errors = seen, [], {}

    def observe(self, names):
        return dict.fromkeys(names, self.seen)

    def wait(self, names, running):
        return self.observe(names)

    def act(self, verb, names):
        self.told.append((verb, *names))
        return self.errors.get(verb, "")


RUNNING = systemd.Observed(name="a.service", load="loaded", active="active", sub="running", unit_file="enabled")


def carry_out(host, plan, options):
    def fail(seen, message=""):
        raise Failed(message or systemd.failure(seen, 1, []))

    units.carry_out(host, plan, systemd.wanted_units({"a.service": options}), fail)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(units, "SETTLE", 0)


def test_steps_are_taken_in_order():
    host = FakeHost(RUNNING)
    carry_out(host, systemd.Plan(daemon_reload=True, enable=["a.service"], restart=["a.service"]), {"state": "started"})
    assert host.told == [("daemon-reload",), ("enable", "a.service"), ("restart", "a.service")]


def test_a_timer_stops_before_it_is_disabled_which_could_have_it_start_its_service():
    host = FakeHost(systemd.Observed(name="a.service", load="loaded", active="inactive", sub="dead", unit_file="disabled"))
    carry_out(host, systemd.Plan(disable=["a.service"], stop=["a.service"]), {"state": "stopped", "enabled": False})
    assert host.told == [("stop", "a.service"), ("disable", "a.service")]


def test_what_does_not_exist_is_not_touched():
    host = FakeHost(systemd.Observed(name="a.service"))
    with pytest.raises(Failed, match="does not exist"):
        carry_out(host, systemd.Plan(start=["a.service"]), {"state": "started"})
    assert host.told == []


def test_a_unit_that_fails_is_reported():
    host = FakeHost(systemd.Observed(name="a.service", load="loaded", active="failed", result="exit-code", exit_status="3"))
    with pytest.raises(Failed, match="exit status 3"):
        carry_out(host, systemd.Plan(start=["a.service"]), {"state": "started"})
    assert host.told == [("reset-failed", "a.service"), ("start", "a.service")]


def test_a_reload_that_fails_is_reported_though_the_unit_runs():
    host = FakeHost(RUNNING)
    host.errors["reload"] = "syntax error"
    with pytest.raises(Failed, match="old configuration is still in effect"):
        carry_out(host, systemd.Plan(reload=["a.service"]), {"state": "started"})


def test_the_newest_change_of_a_directory_is_that_of_anything_in_it(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "f").write_text("x")
    for path in (tmp_path, tmp_path / "d"):
        os.utime(path, (5, 5))
    os.utime(tmp_path / "d" / "f", (7, 7))
    assert units.newest_change(str(tmp_path)) == 7


def test_a_time_to_come_is_that_of_the_change(tmp_path):
    (tmp_path / "f").write_text("x")
    os.utime(tmp_path / "f", (5e9, 5e9))
    for path in (tmp_path, tmp_path / "f"):
        assert units.newest_change(str(path)) <= time.time()


def test_of_a_link_to_a_directory_only_the_link_counts(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "l").symlink_to("d")
    os.utime(tmp_path / "l", (5, 5), follow_symlinks=False)
    assert units.newest_change(str(tmp_path / "l")) == 5
    assert units.newest_change(str(tmp_path / "nothing")) == 0


def test_what_was_acted_upon_is_watched_and_nothing_else():
    options = {"state": "started", "stable_for": 3}
    wanted = systemd.wanted_units({"a.service": options, "b.service": options, "c.service": {"state": "started"}, "d.service": options})
    plan = systemd.Plan(start=["a.service", "c.service"])
    assert units.watched(plan, wanted, ["d.service"]) == {"a.service": 3, "d.service": 3}
    assert units.watched(systemd.Plan(), wanted, []) == {}


def test_a_unit_that_does_not_stay_up_fails_with_its_journal(monkeypatch):
    host = FakeHost(systemd.Observed(name="a.service", load="loaded", active="activating", sub="auto-restart", restarts="1"))
    host.journal = lambda name: ["boom"]
    wanted = systemd.wanted_units({"a.service": {"state": "started", "stable_for": 3}})

    def fail(seen, message):
        raise Failed(message)

    with pytest.raises(Failed, match=r"(?s)a\.service did not stay up for 3 s.*boom"):
        units.keep_watch(host, systemd.Plan(restart=["a.service"]), wanted, [], fail)


def test_what_a_change_would_restart_is_foreseen(monkeypatch):
    host = FakeHost(RUNNING)
    host.systemctl = "/bin/systemctl"
    monkeypatch.setattr(units, "Host", lambda module, timeout: host)
    module = type("Module", (), {"params": {"units": {"a.service": {"state": "started", "restart_on": ["/etc/a"]}}, "timeout": 1}})()
    assert units.foreseen(module, ["/etc/a"]) == ["a.service"]
    assert units.foreseen(module, ["/etc/b"]) == [] and host.told == []
