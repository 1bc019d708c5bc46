# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health, systemd
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import blue_green

TYPES = {
    "value": health.check_types()["value"].read_text(encoding="utf-8"),
    "file": health.check_types()["file"].read_text(encoding="utf-8"),
}


class FakeSystemd:
    """Units that run once they are started; notes what it is told."""

    systemctl = "systemctl"

    def __init__(self, told):
        self.told, self.active, self.enabled = told, set(), set()

    def run(self, *_arguments):
        return SimpleNamespace(stdout="0\n")

    def act(self, verb, names):
        self.told.append(" ".join((verb, *names)))
        if verb == "restart" and names[0] in self.fails:
            return "exit status 1"
        change = {"restart": self.active.add, "stop": self.active.discard, "enable": self.enabled.add, "disable": self.enabled.discard}
        for name in names:
            change.get(verb, lambda _name: None)(name)
        return ""

    fails: set = set()

    def observe(self, names):
        return {
            name: systemd.Observed(
                name=name,
                load="loaded",
                active="active" if name in self.active else "inactive",
                sub="running",
                unit_file="enabled" if name in self.enabled else "disabled",
                active_since=1.0,
            )
            for name in names
        }

    def journal(self, _name):
        return ["boom"]


@pytest.fixture
def host(tmp_path, monkeypatch, run_step):
    """A host with the releases 1 and 2; `host.run(release)` deploys one."""
    told: list[str] = []
    units = FakeSystemd(told)
    monkeypatch.setattr(blue_green.units, "Host", lambda _module, _timeout: units)
    monkeypatch.setattr(blue_green, "JOURNAL", str(tmp_path / "changes"))
    real = blue_green.file_set.Entry

    def entry(path, kind, mode=None, _owner=None, _group=None, content=b"", **more):
        return real(path, kind, mode, None, None, content, **more)  # the tests are not root everywhere

    monkeypatch.setattr(blue_green.file_set, "Entry", entry)
    monkeypatch.setitem(blue_green.ARGUMENTS, "base", {"type": "path", "default": str(tmp_path / "opt")})
    for version in ("1", "2"):
        (tmp_path / "opt" / "orders" / "releases" / version).mkdir(parents=True)
    (tmp_path / "units").mkdir()

    def colour(name, port, wants):
        return {
            "unit": "orders@%s.service" % name,
            "path": str(tmp_path / "units" / ("orders@%s.service" % name)),
            "content": "%s\n" % name,
            "port": port,
            "checks": {"there": {"file": {"path": str(tmp_path / wants)}}},
        }

    def run(release, wants="units", front="units", check_mode=False, **more):
        service = {
            "release": release,
            "colours": {"blue": colour("blue", 8081, wants), "green": colour("green", 8082, wants)},
            "switch": {
                "nginx": {
                    "path": str(tmp_path / "upstream"),
                    "contents": {"blue": "127.0.0.1:8081;", "green": "127.0.0.1:8082;"},
                    "unit": "nginx.service",
                }
            },
            "drain_seconds": 0,
            "checks": {"front": {"file": {"path": str(tmp_path / front)}}},
            "predecessor": {"unit": "orders.service", "path": str(tmp_path / "units" / "orders.service")},
        }
        told.clear()
        return run_step(blue_green, check_mode, services={"orders": service}, sources=TYPES, timeout="5s", **more)

    return SimpleNamespace(run=run, told=told, units=units, directory=tmp_path)


def test_the_first_deploy_starts_blue_and_leads_to_it(host):
    found = host.run("1")
    assert found["changed"] and found["live"] == {"orders": "blue"} and found["deployed"] == ["orders"]
    assert (host.directory / "upstream").read_text() == "127.0.0.1:8081;"
    assert os.readlink(host.directory / "opt/orders/blue") == os.readlink(host.directory / "opt/orders/current") == "releases/1"
    assert "enable orders@blue.service" in host.told
    assert not host.run("1")["changed"]
    assert host.told == []


def test_the_next_release_takes_over_and_nothing_of_the_old_one_is_left(host):
    host.run("1")
    found = host.run("2")
    assert found["live"] == {"orders": "green"}
    assert found["diff"] == {"before": "orders: blue 1\n", "after": "orders: green 2 (release 2 in place of 1)\n"}
    assert host.told.index("restart orders@green.service") < host.told.index("stop orders@blue.service")
    assert sorted(os.listdir(host.directory / "units")) == ["orders@green.service"]
    assert sorted(os.listdir(host.directory / "opt/orders")) == ["current", "green", "releases"]
    assert host.units.enabled == {"orders@green.service"}


def test_one_that_does_not_pass_is_taken_away_and_named(host):
    host.run("1")
    found = host.run("2", wants="nothing")
    assert found["failed"] and found["live"] == {"orders": "blue"}
    assert "release 2 of orders did not prove itself as orders@green.service and was taken away" in found["msg"]
    assert "orders@blue.service goes on serving, untouched" in found["msg"]
    assert "stop orders@blue.service" not in host.told
    assert (host.directory / "upstream").read_text() == "127.0.0.1:8081;"
    assert sorted(os.listdir(host.directory / "units")) == ["orders@blue.service"]
    assert host.units.active == {"orders@blue.service"}


def test_one_that_serves_nobody_when_the_requests_come_is_led_back(host):
    host.run("1")
    found = host.run("2", front="nothing")
    assert "The requests were led over and back again" in found["msg"]
    assert (host.directory / "upstream").read_text() == "127.0.0.1:8081;"
    assert host.units.active == {"orders@blue.service"}
    assert "stop orders@blue.service" not in host.told


def test_a_failure_leaves_nothing_to_take_back(host):
    host.run("1")
    before = sorted(os.listdir(host.directory / "changes"))
    host.run("2", wants="nothing")
    assert sorted(os.listdir(host.directory / "changes")) == before


def test_one_that_does_not_start_shows_its_journal(host):
    host.run("1")
    host.units.fails = {"orders@green.service"}
    found = host.run("2")
    assert "did not start: exit status 1" in found["msg"] and "boom" in found["msg"]
    assert host.units.active == {"orders@blue.service"}


def test_check_mode_starts_nothing(host):
    found = host.run("1", check_mode=True)
    assert found["changed"] and found["deployed"] == ["orders"]
    assert host.told == [] and not os.listdir(host.directory / "units")


def test_a_release_that_is_not_installed_is_refused(host):
    assert "is not installed" in host.run("3")["msg"]
    assert host.told == []


def test_the_unit_from_before_there_were_colours_goes_last(host):
    (host.directory / "units" / "orders.service").write_text("old")
    host.run("1")
    assert host.told.index("restart orders@blue.service") < host.told.index("stop orders.service")
    assert sorted(os.listdir(host.directory / "units")) == ["orders@blue.service"]


def test_wrong_input_changes_nothing(host, run_step):
    assert "services['orders'].colours" in run_step(blue_green, services={"orders": {"colours": {}}})["msg"]
    assert host.told == []
