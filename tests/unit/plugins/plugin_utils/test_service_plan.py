# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import service_plan as plan_util
from ansible_collections.groundwork.fleet.plugins.plugin_utils.services import declared_services

from tests.unit.declared_orders import RELEASE, plan, unit

CATALOGUE = Path(__file__).resolve().parents[4] / "catalogue" / "services"


def test_nothing_declared_is_nothing_to_do():
    assert plan_util.service_plan({}) == {**plan_util.empty_plan(), "validate": [], "before_start": [], "after_start": []}


def test_reload_takes_the_files_off_the_restarts():
    found = plan({"package": "nginx", "reload": True, "files": {"/etc/a": {"content": "x"}}, "environment": {"A": "b"}})
    wanted = found["units"]["nginx.service"]
    assert wanted["reload_on"] == ["/etc/a"]
    assert wanted["restart_on"] == ["/etc/systemd/system/nginx.service.d/10-groundwork.conf"]
    assert "ExecReload=/bin/kill -HUP $MAINPID" in unit({"reload": True})


def test_the_step_that_has_no_use_for_the_password_does_not_carry_it():
    replication = {"role": "standby", "primary": "db-1", "name": "db-2", "members": {}, "password": "t0p-secret", "wait": 5}
    entry = yaml.safe_load((CATALOGUE / "postgresql.yml").read_text(encoding="utf-8"))
    declared = {"fleet_services": {"db": {"catalogue": "postgresql", "options": {"version": "17", "replication": replication}}}}
    steps = plan_util.service_plan(declared_services(declared, {"postgresql": entry}))["before_start"]
    [cluster] = [step["postgresql_cluster"] for step in steps if "postgresql_cluster" in step]
    expected = {
        "role": "standby",
        "primary": "db-1",
        "primary_port": None,
        "name": "db-2",
        "user": "replicator",
        "rejoin": "never",
        "wait": 5,
    }
    assert cluster["replication"] == expected


def test_health_is_proven_with_patience():
    found = plan({**RELEASE, "health": [{"tcp": {"port": 1}}, {"http": {"url": "u"}, "retries": 2}]})
    assert found["checks"]["orders-1"] == {"retries": 15, "delay": "1s", "tcp": {"port": 1}}
    assert found["checks"]["orders-2"]["retries"] == 2


def test_absent_services_are_planned_for_removal_only():
    services = {"orders": {**RELEASE, "state": "absent"}, "web": {"package": "nginx"}}
    assert "orders" not in plan_util.service_plan(services)["releases"]
    gone = plan_util.service_plan(services, state="absent")
    assert gone["units"] == {"orders.service": {"state": "stopped", "enabled": False}}
    assert gone["releases"] == {"orders": {"state": "absent"}}
    assert gone["packages"] == {}
    assert set(plan_util.service_plan(services, state="all")["units"]) == {"orders.service", "nginx.service"}


def test_two_services_cannot_write_one_path():
    services = {name: {"package": name, "files": {"/etc/x": {"content": name}}} for name in ("a", "b")}
    with pytest.raises(BadInput, match=r"services\.b\.files"):
        plan_util.service_plan(services)


#: Options that are required and are no command.
SAMPLES = {"region": "eu-central-1"}


@pytest.mark.parametrize("path", sorted(CATALOGUE.glob("*.yml")), ids=lambda path: path.stem)
@pytest.mark.parametrize("platform", [["Debian", "Debian-12"], ["Debian", "Debian-13"], ["Debian", "Ubuntu", "Ubuntu-24"]])
def test_every_entry_of_the_catalogue_can_be_planned(path, platform):
    entry = yaml.safe_load(path.read_text())
    if "release" in entry:
        entry["release"].update(url="https://x", sha256="a" * 64)
    required = {name: SAMPLES.get(name, "/bin/true") for name, option in entry.get("option_spec", {}).items() if option.get("required")}
    declared = declared_services([{path.stem: {"catalogue": path.stem, "options": required}}], {path.stem: entry})
    found = plan_util.service_plan(declared, platform)
    assert entry["description"]
    assert found["checks"]
    for options in found["files"].values():
        assert "template" not in options or (CATALOGUE / "templates" / options["template"]).is_file()


def test_units_are_verified_before_they_are_in_place():
    found = plan({**RELEASE, "schedule": "daily", "validate": ["orders -t"]})
    assert found["validate"] == [
        "systemd-analyze verify {/etc/systemd/system/orders.service} {/etc/systemd/system/orders.timer}",
        "orders -t",
    ]
    drop_in = "{/etc/systemd/system/nginx.service.d/10-groundwork.conf}"
    assert plan({"package": "nginx", "environment": {"A": "b"}})["validate"] == ["systemd-analyze verify %s" % drop_in]
    assert plan({"package": "nginx"})["validate"] == []


def test_what_an_instance_has_for_itself_goes_with_it():
    paths = {"/etc/orders/{instance}.yml": {"content": ""}, "/etc/orders/all.yml": {"content": ""}, "/etc/old/{instance}": {"absent": True}}
    given = {**RELEASE, "exec": "bin/o {instance}", "instances": [1, 2], "files": paths, "directories": {"/srv/{instance}": {}}}
    assert plan(given)["prune"] == {"orders": ["/etc/orders/1.yml", "/etc/orders/2.yml", "/srv/1", "/srv/2"]}
    assert plan({**RELEASE, "files": {"/etc/orders/all.yml": {"content": ""}}})["prune"] == {"orders": []}
    assert plan_util.service_plan({"orders": {**given, "state": "absent"}}, state="absent")["prune"] == {"orders": []}


def test_what_is_no_longer_said_of_a_packages_unit_goes_and_it_restarts():
    directory = "/etc/systemd/system/nginx.service.d"
    said = plan({"package": "nginx", "environment": {"A": "b"}}, name="nginx")
    assert said["prune_first"] == {"drop-in of nginx": [directory, directory + "/10-groundwork.conf"]}
    silent = plan({"package": "nginx"}, name="nginx")
    assert silent["prune_first"] == {"drop-in of nginx": []} and directory not in silent["files"]
    assert silent["units"]["nginx.service"]["restart_on"] == [directory + "/10-groundwork.conf"]
    assert plan(RELEASE)["prune_first"] == {}
    gone = plan_util.service_plan({"nginx": {"package": "nginx", "environment": {"A": "b"}, "state": "absent"}}, state="absent")
    assert gone["prune_first"] == {"drop-in of nginx": []}
