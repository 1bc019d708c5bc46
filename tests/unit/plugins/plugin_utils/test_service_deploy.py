# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import blue_green
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

from tests.unit.declared_orders import RELEASE, plan

DEPLOY = {
    "strategy": "blue_green",
    "ports": [8081, 8082],
    "switch": {"nginx": None},
    "health": [{"http": {"url": "http://127.0.0.1:{port}/healthz"}}],
}
ORDERS = {**RELEASE, "exec": "bin/orders --port {port}", "environment": {"COLOUR": "x"}, "secrets": {"token": "t"}, "stable_for": "8s"}
UPSTREAM = "/etc/nginx/conf.d/00-orders-upstream.conf"


def deployed(**changes):
    return plan({**ORDERS, "deploy": {**DEPLOY, **changes}})


def test_both_colours_are_planned_and_neither_is_a_plain_unit():
    found = deployed()
    step = found["deployments"]["orders"]
    assert blue_green.wanted({"orders": step})
    assert found["units"] == {} and "/etc/systemd/system/orders.service" not in found["files"]
    assert found["releases"]["orders"]["link"] is False
    blue, green = step["colours"]["blue"], step["colours"]["green"]
    assert blue["unit"] == "orders@blue.service" and green["path"] == "/etc/systemd/system/orders@green.service"
    assert "ExecStart=/opt/orders/blue/bin/orders --port 8081" in blue["content"].splitlines()
    assert "ExecStart=/opt/orders/green/bin/orders --port 8082" in green["content"].splitlines()
    assert step["release"] == "2.4.1" and step["predecessor"]["unit"] == "orders.service"


def test_a_colour_has_to_run_and_to_be_healthy_for_a_while():
    checks = deployed()["deployments"]["orders"]["colours"]["green"]["checks"]
    assert checks["orders-unit"]["systemd_unit"] == {"name": "orders@green.service"}
    assert checks["orders-1"]["http"] == {"url": "http://127.0.0.1:8082/healthz"}
    assert {check["stable_for"] for check in checks.values()} == {8.0}


def test_without_a_check_the_port_has_to_take_connections():
    checks = deployed(health=None)["deployments"]["orders"]["colours"]["blue"]["checks"]
    assert checks["orders-1"]["tcp"] == {"host": "127.0.0.1", "port": 8081}


def test_files_and_secrets_are_watched():
    found = plan({**ORDERS, "files": {"/etc/orders/a.conf": {"content": "x"}}, "deploy": DEPLOY})
    watch = found["deployments"]["orders"]["watch"]
    assert watch == ["/etc/groundwork/credentials/orders/token", "/etc/orders/a.conf", "/opt/orders/releases/.2.4.1.sha256"]


def test_nginx_can_start_before_the_first_deploy():
    found = deployed(switch={"nginx": {"upstream": "shop", "keepalive": 0}})
    assert found["files"][UPSTREAM]["once"] is True
    assert "upstream shop {\n    server 127.0.0.1:8081;\n}" in found["files"][UPSTREAM]["content"]
    contents = found["deployments"]["orders"]["switch"]["nginx"]["contents"]
    assert "127.0.0.1:8082" in contents["green"]


def test_haproxy_has_a_backend_of_the_services_name():
    found = deployed(switch={"haproxy": {"state_file": "/var/lib/haproxy/state"}})
    wanted = {"backend": "orders", "socket": "/run/haproxy/admin.sock", "state_file": "/var/lib/haproxy/state"}
    assert found["deployments"]["orders"]["switch"] == {"haproxy": wanted}
    assert UPSTREAM not in found["files"]


def test_without_declared_health_there_is_no_check_of_a_unit_that_is_not():
    assert deployed()["checks"] == {}


def test_removal_takes_both_colours_and_the_upstream():
    found = plan({**ORDERS, "deploy": DEPLOY}, state="all")
    assert {"orders@blue.service", "orders@green.service", "orders.service"} == set(found["units"])
    assert {UPSTREAM, "/etc/systemd/system/orders@blue.service", "/etc/systemd/system/orders@green.service"} <= set(found["files"])
    assert found["deployments"] == {}
    haproxy = {**DEPLOY, "switch": {"haproxy": {"state_file": "/var/lib/haproxy/state"}}}
    assert "/var/lib/haproxy/state" in plan({**ORDERS, "deploy": haproxy}, state="all")["files"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"strategy": "canary"}, "deploy.strategy is 'canary'"),
        ({"ports": [8081]}, "deploy.ports is [8081]; expected two ports"),
        ({"ports": [8081, 8081]}, "two different ports"),
        ({"ports": [8081, "x"]}, "deploy.ports[1].port is 'x'"),
        ({"ports": [8081, "8082-8083"]}, "expected one port"),
        ({"switch": {"apache": {}}}, "expected nginx or haproxy"),
        ({"switch": {"nginx": {"upsteam": "x"}}}, "Did you mean 'upstream'?"),
        ({"drain_seconds": "soon"}, "deploy.drain_seconds is 'soon'"),
        ({"drain_second": 1}, "Did you mean 'drain_seconds'?"),
    ],
)
def test_wrong_input_is_refused_by_name(changes, message):
    with pytest.raises(BadInput) as error:
        deployed(**changes)
    assert message in str(error.value)
    assert "orders.deploy" in str(error.value)


def test_a_package_has_no_colours():
    with pytest.raises(BadInput, match="a release or a container"):
        plan({"package": {"name": "nginx"}, "deploy": DEPLOY})


def test_a_job_has_no_colours():
    with pytest.raises(BadInput, match="one unit that starts by itself"):
        plan({**RELEASE, "schedule": "daily", "deploy": DEPLOY})
