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
    monkeypatch.setattr(blue_green.unit_verify, "possible", lambda: False)
    real = blue_green.file_set.Entry

    def entry(path, kind, mode=None, _owner=None, _group=None, content=b"", **more):
        return real(path, kind, mode, None, None, content, **more)  # the tests are not root everywhere

    monkeypatch.setattr(blue_green.file_set, "Entry", entry)
    monkeypatch.setitem(blue_green.ARGUMENTS, "base", {"type": "path", "default": str(tmp_path / "opt")})
    for version in ("1", "2"):
        for name in ("orders", "carts"):
            (tmp_path / "opt" / name / "releases" / version).mkdir(parents=True)
    (tmp_path / "units").mkdir()

    def colour(service, name, port, wants):
        return {
            "unit": "%s@%s.service" % (service, name),
            "path": str(tmp_path / "units" / ("%s@%s.service" % (service, name))),
            "content": "%s\n" % name,
            "port": port,
            "checks": {"there": {"file": {"path": str(tmp_path / wants)}}},
        }

    def service(release, wants="units", front="units", name="orders", first=8081):
        return {
            "release": release,
            "colours": {"blue": colour(name, "blue", first, wants), "green": colour(name, "green", first + 1, wants)},
            "switch": {
                "nginx": {
                    "path": str(tmp_path / ("upstream" if name == "orders" else name)),
                    "contents": {"blue": "127.0.0.1:%d;" % first, "green": "127.0.0.1:%d;" % (first + 1)},
                    "unit": "nginx.service",
                }
            },
            "drain_seconds": 0,
            "checks": {"front": {"file": {"path": str(tmp_path / front)}}},
            "predecessor": {"unit": "%s.service" % name, "path": str(tmp_path / "units" / ("%s.service" % name))},
        }

    def run(release, wants="units", front="units", check_mode=False, carts=None, **more):
        """carts: release, wants and front of a second service."""
        services = {"orders": service(release, wants, front)}
        if carts:
            services["carts"] = service(*carts, name="carts", first=8083)
        told.clear()
        return run_step(blue_green, check_mode, services=services, sources=TYPES, timeout="5s", **more)

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


def test_a_unit_that_systemd_would_not_take_is_not_written(host, monkeypatch):
    host.run("1")
    monkeypatch.setattr(blue_green.unit_verify, "possible", lambda: True)
    monkeypatch.setattr(blue_green.unit_verify, "refused", lambda files: "%s:1: Unknown key" % next(iter(files)))
    found = host.run("2")
    assert "systemd refuses the new unit" in found["msg"] and "orders@green.service:1: Unknown key" in found["msg"]
    assert "restart orders@green.service" not in host.told
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


def test_no_service_gets_another_colour_where_one_does_not_pass(host):
    host.run("1", carts=("1",))
    before = sorted(os.listdir(host.directory / "changes"))
    found = host.run("2", carts=("2", "nothing"))
    assert found["failed"] and found["live"] == {"orders": "blue", "carts": "blue"}
    assert "release 2 of carts did not prove itself as carts@green.service" in found["msg"]
    assert "orders@green.service was taken away too. orders@blue.service goes on serving, untouched." in found["msg"]
    assert host.units.active == host.units.enabled == {"orders@blue.service", "carts@blue.service"}
    assert (host.directory / "upstream").read_text() == "127.0.0.1:8081;"
    assert not any(line.startswith(("stop orders@blue", "stop carts@blue")) for line in host.told)
    assert sorted(os.listdir(host.directory / "changes")) == before


def test_what_was_led_over_is_led_back_where_another_one_does_not_serve(host):
    host.run("1", carts=("1",))
    found = host.run("2", carts=("2", "units", "nothing"))
    assert "The requests were led over and back again" in found["msg"] and "orders@green.service was taken away too" in found["msg"]
    assert host.units.active == {"orders@blue.service", "carts@blue.service"}
    assert (host.directory / "upstream").read_text() == "127.0.0.1:8081;" and (host.directory / "carts").read_text() == "127.0.0.1:8083;"
    assert host.run("2", carts=("2",))["live"] == {"orders": "green", "carts": "green"}
    assert host.units.active == {"orders@green.service", "carts@green.service"}


def test_one_that_cannot_be_led_back_is_not_taken_away(host, monkeypatch):
    host.run("1", carts=("1",))
    real = blue_green.switches.Nginx.lead_to

    def lead_to(self, colour):
        if colour == "blue" and self.path.endswith("upstream"):
            raise blue_green.BadInput("nginx refuses")
        real(self, colour)

    monkeypatch.setattr(blue_green.switches.Nginx, "lead_to", lead_to)
    found = host.run("2", carts=("2", "units", "nothing"))
    assert "orders@green.service serves: the requests cannot be led back. nginx refuses" in found["msg"]
    assert "orders@green.service" in host.units.active


def test_one_that_ends_while_others_are_proven_gets_no_request(host, monkeypatch):
    host.run("1", carts=("1",))
    real = blue_green.Deploy.prepare

    def prepare(self, steps, checks, total):
        real(self, steps, checks, total)
        if self.wanted.name == "carts":
            (host.directory / "there").unlink()

    (host.directory / "there").touch()
    monkeypatch.setattr(blue_green.Deploy, "prepare", prepare)
    found = host.run("2", "there", carts=("2",))
    assert "release 2 of orders did not prove itself" in found["msg"] and "carts@green.service was taken away too" in found["msg"]
    assert host.units.active == {"orders@blue.service", "carts@blue.service"}
