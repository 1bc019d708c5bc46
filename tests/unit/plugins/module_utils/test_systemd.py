# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import systemd
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

RUNNING = systemd.Observed(
    name="a.service",
    load="loaded",
    active="active",
    sub="running",
    unit_file="enabled",
    kind="exec",
    can_reload=True,
    active_since=100.0,
    changed_at=100.0,
    left_inactive_at=99.0,
)
STOPPED = dataclasses.replace(RUNNING, active="inactive", sub="dead", active_since=None)
JOB = dataclasses.replace(STOPPED, kind="oneshot", left_inactive_at=99.0)
MISSING = systemd.Observed(name="a.service")


def plan(seen, options, changed=(), times=None, now=1000.0):
    wanted = systemd.wanted_units({"a.service": options})
    return systemd.decide(wanted, {"a.service": seen}, list(changed), times or {}, now)


def test_show_is_read_block_by_block():
    text = (
        "Id=ssh.service\nLoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\nJob=12\nType=notify\n"
        "CanReload=yes\nNeedDaemonReload=yes\nActiveEnterTimestamp=Mon 2026-11-23 14:09:35.948381 UTC\n\n"
        'LoadState=not-found\nActiveState=inactive\nLoadError=org.freedesktop.systemd1.NoSuchUnit "Unit b.service not found."\nJob=\n'
    )
    seen = systemd.parse_show(text, ["sshd.service", "b.service"])
    assert seen["sshd.service"].active == "active"
    assert seen["sshd.service"].job
    assert seen["sshd.service"].can_reload
    assert seen["sshd.service"].needs_daemon_reload
    assert seen["sshd.service"].active_since == pytest.approx(1795442975.948381)
    assert not seen["b.service"].exists
    assert seen["b.service"].load_error == "Unit b.service not found"


def test_a_unit_that_show_leaves_out_is_missing():
    assert not systemd.parse_show("", ["a.service"])["a.service"].exists


@pytest.mark.parametrize("text", ["", "n/a", "Mon 2026-11-23 14:09:35 CET"])
def test_a_time_that_is_none_is_none(text):
    assert systemd.parse_timestamp(text) is None


def test_nothing_to_do():
    done = plan(RUNNING, {"state": "started", "enabled": True, "restart_on": ["/etc/a"]}, times={"/etc/a": 50.0})
    assert not done.changed
    assert not done.daemon_reload


def test_what_is_not_there_is_started_and_enabled():
    done = plan(MISSING, {"state": "started", "enabled": True})
    assert (done.start, done.enable, done.daemon_reload) == (["a.service"], ["a.service"], True)


def test_stopped_is_fine_with_what_is_missing():
    assert not plan(MISSING, {"state": "stopped", "enabled": False}).changed


def test_stop_and_disable():
    done = plan(RUNNING, {"state": "stopped", "enabled": False})
    assert (done.stop, done.disable) == (["a.service"], ["a.service"])


@pytest.mark.parametrize("watched", ["/etc/a/b.conf", "/etc/a", "/etc/a/"])
def test_a_changed_file_restarts(watched):
    done = plan(RUNNING, {"state": "started", "restart_on": [watched]}, changed=["/etc/a/b.conf"])
    assert done.restart == ["a.service"]
    assert done.reasons["a.service"] == "/etc/a/b.conf changed"


def test_a_path_that_only_begins_alike_does_not():
    assert not plan(RUNNING, {"state": "started", "restart_on": ["/etc/a"]}, changed=["/etc/ab"]).changed


def test_a_file_newer_than_the_start_restarts():
    assert plan(RUNNING, {"state": "started", "restart_on": ["/etc/a"]}, times={"/etc/a": 100.5}).restart == ["a.service"]


def test_a_file_from_the_future_does_not():
    assert not plan(RUNNING, {"state": "started", "restart_on": ["/etc/a"]}, times={"/etc/a": 2000.0}).changed


def test_reload_counts_from_the_last_reload():
    reloaded = dataclasses.replace(RUNNING, changed_at=300.0)
    options = {"state": "started", "reload_on": ["/etc/a"]}
    assert plan(RUNNING, options, times={"/etc/a": 200.0}).reload == ["a.service"]
    assert not plan(reloaded, options, times={"/etc/a": 200.0}).changed


def test_restart_wins_over_reload():
    done = plan(RUNNING, {"state": "started", "restart_on": ["/a"], "reload_on": ["/b"]}, changed=["/a", "/b"])
    assert (done.restart, done.reload) == (["a.service"], [])


def test_what_cannot_reload_restarts():
    seen = dataclasses.replace(RUNNING, can_reload=False)
    assert plan(seen, {"state": "started", "reload_on": ["/a"]}, changed=["/a"]).restart == ["a.service"]


def test_what_starts_is_not_restarted_too():
    done = plan(STOPPED, {"state": "started", "restart_on": ["/a"]}, changed=["/a"])
    assert (done.start, done.restart) == (["a.service"], [])


def test_without_a_state_only_what_runs_restarts():
    assert not plan(STOPPED, {"restart_on": ["/a"]}, changed=["/a"]).changed
    assert plan(RUNNING, {"restart_on": ["/a"]}, changed=["/a"]).restart == ["a.service"]


def test_a_job_that_has_run_is_done():
    assert not plan(JOB, {"state": "started"}).changed
    assert plan(dataclasses.replace(JOB, left_inactive_at=None), {"state": "started"}).start == ["a.service"]
    assert plan(dataclasses.replace(JOB, result="exit-code", active="failed"), {"state": "started"}).start == ["a.service"]
    assert plan(JOB, {"state": "started", "restart_on": ["/a"]}, times={"/a": 150.0}).restart == ["a.service"]


def test_one_that_keeps_falling_over_is_started():
    assert plan(dataclasses.replace(RUNNING, active="activating", sub="auto-restart"), {"state": "started"}).start == ["a.service"]


@pytest.mark.parametrize("unit_file", ["static", "indirect", "alias", "generated"])
def test_what_has_no_install_section_counts_as_enabled(unit_file):
    assert not plan(dataclasses.replace(RUNNING, unit_file=unit_file), {"enabled": True}).changed


def test_mask_and_unmask():
    masked = dataclasses.replace(MISSING, load="masked", unit_file="masked")
    assert plan(MISSING, {"masked": True}).mask == ["a.service"]
    assert not plan(masked, {"masked": True}).changed
    assert plan(masked, {"masked": False}).unmask == ["a.service"]


@pytest.mark.parametrize("path", ["/etc/systemd/system/a.service", "/etc/systemd/system/a.d/x.conf", "/usr/lib/systemd/system/a.service"])
def test_a_unit_file_makes_systemd_read_again_without_being_a_change(path):
    done = plan(RUNNING, {"state": "started"}, changed=[path])
    assert done.daemon_reload
    assert not done.changed


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("nginx", {}, "nginx.service"),
        ("a@.service", {}, "instance"),
        ("a.service", {"stat": "started"}, "Did you mean 'state'"),
        ("a.service", {"state": "running"}, "one of started"),
        ("a.service", {"enabled": "yes"}, "true or false"),
        ("a.service", {"restart_on": ["etc/a"]}, "absolute path"),
        ("a.service", {"restart_on": "/etc/a"}, "a list"),
        ("a.service", {"masked": True, "state": "started"}, "masked unit"),
        ("a.service", ["started"], "a mapping"),
    ],
)
def test_input_is_refused_by_name(name, options, expected):
    with pytest.raises(BadInput) as error:
        systemd.wanted_units({name: options})
    assert "units[%r]" % name in str(error.value)
    assert expected in str(error.value)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (RUNNING, True),
        (STOPPED, False),
        (JOB, True),
        (dataclasses.replace(RUNNING, job=True), None),
        (dataclasses.replace(RUNNING, active="activating"), None),
        (dataclasses.replace(RUNNING, active="failed"), False),
    ],
)
def test_settled(seen, expected):
    assert systemd.settled(seen) is expected


def test_a_failure_says_what_why_and_what_to_do():
    seen = dataclasses.replace(RUNNING, active="failed", sub="failed", result="exit-code", exit_status="3")
    text = systemd.failure(seen, 30, ["no such database"])
    assert all(part in text for part in ("a.service", "exit-code", "status 3", "no such database", "journalctl -u a.service"))
    assert "does not exist" in systemd.failure(MISSING, 30, [])
    assert "condition" in systemd.failure(dataclasses.replace(STOPPED, condition_met=False), 30, [])
    assert "timeout" in systemd.failure(dataclasses.replace(RUNNING, active="activating"), 30, [])


def test_the_diff_shows_before_and_after():
    wanted = systemd.wanted_units({"a.service": {"state": "started", "enabled": True}})
    observed = {"a.service": MISSING}
    after = systemd.described(wanted, observed, systemd.decide(wanted, observed, [], {}, 0.0))
    assert systemd.described(wanted, observed) == "a.service:\n  state: missing\n  enabled: no\n"
    assert after == "a.service:\n  state: active\n  enabled: enabled\n"
