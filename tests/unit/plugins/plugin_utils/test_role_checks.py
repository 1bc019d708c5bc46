# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleError
from ansible_collections.groundwork.fleet.plugins.plugin_utils import preflight, settings

ROLES = frozenset({"certificates", "firewall", "health", "exporters", "log_server", "monitoring"})
HOST = {"inventory_hostname": "web-1", "group_names": ["web"], "groups": {"all": ["web-1"], "web": ["web-1"], "log_servers": ["ops-1"]}}
TCP = {"tcp": {"port": 22}}


def defaults(role: str) -> dict[str, Any]:
    """Return the defaults as the action renders them."""
    rendered = {"firewall_ssh_ports": [22], "health_ssh_port": 22}
    spec = preflight.role_spec(settings.COLLECTION, role)
    return {name: rendered.get(name, option["default"]) for name, option in spec.items() if "default" in option}


def render(value: Any) -> Any:
    if "{{ gone }}" in str(value):
        raise AnsibleError("'gone' is undefined")
    return value


AROUND = preflight.Surroundings(
    prefixes=ROLES,
    spec=lambda role: preflight.role_spec(settings.COLLECTION, role),
    render=render,
    resolve=lambda asked: [preflight.Resolution(place, text, "file", "%s is gone." % place) for place, text in asked],
    service_catalogue=lambda: {"web": {"package": {"name": "nginx"}}},
    exporters=lambda: {"node": yaml.safe_load((settings.COLLECTION / "catalogue/exporters/node.yml").read_text())},
    controls=list,
    today=datetime.date(2026, 11, 25),
    defaults=defaults,
    hosts=frozenset({"web-1"}),
    groups=frozenset({"all", "web"}),
)


def judge(**variables: Any) -> preflight.Judgement:
    return preflight.judge({**HOST, "fleet_admins": {}, **variables}, [], AROUND)


def places(found: preflight.Judgement) -> list[str]:
    return [text.partition(" is ")[0] for text in found.problems]


def test_what_is_right_is_let_pass() -> None:
    found = judge(
        fleet_networks={"office": ["192.0.2.0/24"]},
        firewall_rules=[{"port": 80, "from": ["office", "web"]}],
        firewall_ssh_from=["office"],
        health_checks={"a": {**TCP, "requires": ["journal", "certificate", "orders tcp", "logs to ops-1", "log shipping"]}},
        health_maintenance=[{"from": "22:00", "until": "23:00", "reason": "x", "checks": ["exporter n*", "a"]}],
        exporters_enabled={"node": {}},
        fleet_services={"orders": {"catalogue": "web", "health": [TCP]}},
    )
    assert (found.problems, found.warnings) == ([], [])


def test_every_problem_of_firewall_and_health_is_told() -> None:
    found = judge(
        firewall_rules=[{"port": 99999, "from": ["wbe"]}],
        health_checks={"a": {"htpp": {}}, "b": {**TCP, "requires": "zz"}},
        health_maintenance=[{"from": "25:00", "until": "23:00", "reason": "x"}],
        fleet_services={"orders": {"catalogue": "web", "health": [{**TCP, "requires": "yy"}]}},
    )
    assert places(found) == [
        "firewall_rules[0].port",
        "firewall_rules[0].from",
        "health_checks.a",
        "health_maintenance[0].from",
        "fleet_services.orders.health[0].requires",
        "health_checks.b.requires",
    ]


def test_a_service_alone_is_judged_too() -> None:
    assert places(judge(fleet_services={"orders": {"catalogue": "web", "health": [{**TCP, "requires": "yy"}]}})) == [
        "fleet_services.orders.health[0].requires"
    ]


def test_the_port_of_the_connection_stays_open() -> None:
    assert places(judge(firewall_ssh_ports=[22], ansible_port=2222)) == ["firewall_ssh_ports"]
    assert places(judge(firewall_ssh_ports=[22], ansible_port=2222, ansible_connection="local")) == []


def test_a_role_that_is_absent_is_not_judged() -> None:
    assert judge(firewall_state="absent", firewall_rules=[{"port": 0}]).problems == []
    assert judge(health_state="absent", health_checks={"a": {"htpp": {}}, "b": {**TCP, "requires": "zz"}}).problems == []


@pytest.mark.parametrize(
    "given", [{"firewall_rules": "x"}, {"health_checks": ["x"]}, {"health_maintenance": [3]}, {"firewall_ssh_ports": ["a"]}]
)
def test_a_wrong_type_is_told_once(given: dict[str, Any]) -> None:
    assert len(judge(**given).problems) == 1


def test_a_network_that_is_wrong_is_told_once() -> None:
    assert places(judge(fleet_networks={"office": ["x"]}, firewall_ssh_from=["office"])) == ["fleet_networks['office']"]


def test_a_secret_that_is_gone_is_told_once() -> None:
    http = {"http": {"url": "http://127.0.0.1/", "headers": {"Authorization": "secret://file/gone"}}}
    assert judge(health_checks={"a": http}).problems == ["health_checks.a.http.headers.Authorization is gone."]


def test_services_that_are_not_in_order_leave_the_names_of_checks_open() -> None:
    found = judge(health_checks={"b": {**TCP, "requires": "orders tcp"}}, fleet_services={"orders": {"catalogue": "wbe"}})
    assert places(found) == ["fleet_services.orders.catalogue"]


def test_what_cannot_be_rendered_is_told_once() -> None:
    networks = {"fleet_networks": {"office": ["{{ gone }}"]}, "firewall_ssh_from": ["office"], "health_endpoint": {"from": ["office"]}}
    assert places(judge(**networks)) == ["fleet_networks.office[0]"]
    services = {"orders": {"catalogue": "web", "health": [{**TCP, "requires": "own"}]}}
    assert places(judge(health_checks={"own": {"tcp": {"port": "{{ gone }}"}}}, fleet_services=services)) == ["health_checks.own.tcp.port"]


def test_roles_that_do_not_exist_are_passed_over() -> None:
    around = dataclasses.replace(AROUND, prefixes=frozenset())
    assert preflight.judge({**HOST, "fleet_admins": {}, "firewall_rules": [{"port": 0}]}, [], around).problems == []


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"certificates_wanted": [{"name": "web", "days": 0}]}, "certificates_wanted[0].days"),
        ({"certificates_wanted": [{"name": "web", "names": ["a.b"], "acme": True}]}, "certificates_acme.contact"),
        ({"certificates_acme": {"contcat": "x"}}, "'contcat'"),
        (
            {"fleet_services": {"shop": {"catalogue": "web", "certificates": [{"name": "x y"}]}}},
            "fleet_services.shop.certificates[x y].name",
        ),
    ],
)
def test_certificates_are_judged_before_a_run(variables: dict[str, Any], expected: str) -> None:
    assert expected in "\n".join(judge(**variables).problems)
    assert judge(**variables, certificates_state="absent").problems == []


def test_certificates_that_are_right_pass() -> None:
    public = {"contact": "ops@example.org", "agree_to_terms": True}
    asked = [{"name": "web", "names": ["www.example.org"], "acme": True}, {"name": "own", "certificate": "own/a.crt", "key": "own/a.key"}]
    assert judge(certificates_wanted=asked, certificates_acme=public).problems == []


def test_logs_are_judged_with_the_services_and_the_log_servers() -> None:
    outputs = {"relp": yaml.safe_load((settings.COLLECTION / "catalogue/log_outputs/relp.yml").read_text())}
    around = dataclasses.replace(AROUND, log_outputs=lambda: outputs)
    right = {"flows": {"a": {"inputs": ["service_shop"], "select": {"services": ["shop"]}, "outputs": ["log_servers"]}}}
    shop = {"shop": {"catalogue": "web", "logs": [{"files": ["/var/log/shop.log"]}]}}
    host = {**HOST, "fleet_admins": {}, "fleet_services": shop}
    assert preflight.judge({**host, "fleet_logs": right}, [], around).problems == []
    folders = {"Debian": "/var/spool/rsyslog"}
    bound = {**right, "outputs": {"x": {"type": "relp", "host": "a", "name": "a", "disk": "2g"}, "log_servers": {"disk": "auto"}}}
    found = preflight.judge({**host, "fleet_logs": bound}, [], dataclasses.replace(around, folders=lambda _role: folders))
    assert found.bounds == [{"variable": "fleet_logs.outputs.x.disk", "value": "2g", "bytes": 2 << 30, "folders": folders}]
    wrong = {"flows": {"a": {"outputs": ["nowhere"]}}, "inputs": {"x": {"paths": ["relative"]}}}
    assert places(preflight.judge({**host, "fleet_logs": wrong}, [], around)) == ["fleet_logs.inputs.x.paths", "fleet_logs.flows.a.outputs"]
    absent = {**host, "fleet_logs": wrong, "log_shipping_state": "absent"}
    assert preflight.judge(absent, [], dataclasses.replace(around, prefixes=ROLES | {"log_shipping"})).problems == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"exporters_authentication": "both"}, ["exporters_basic_auth"]),
        ({"exporters_basic_auth": {"prometheus": "x"}}, ["exporters_basic_auth"]),
        ({"exporters_authentication": "both", "exporters_basic_auth": {"a:b": "hunter2"}}, ["exporters_basic_auth.a:b"]),
        ({"monitoring_basic_auth": {"username": "prometheus"}}, ["monitoring_basic_auth.password"]),
        ({"monitoring_basic_auth": {"username": "", "password": "secret://file/gone"}},
         ["monitoring_basic_auth.password", "monitoring_basic_auth.username"]),
        ({"exporters_authentication": "both", "exporters_basic_auth": {"a": "{{ gone }}"}}, ["exporters_basic_auth.a"]),
    ],
)  # fmt: skip
def test_who_may_scrape_is_judged_before_a_run(given: dict[str, Any], expected: list[str]) -> None:
    found = judge(group_names=["monitoring"], **given)
    assert [place.removesuffix(" gone.") for place in places(found)] == expected
    assert "hunter2" not in str(found.problems)


def test_a_prometheus_that_has_no_password_for_exporters_that_want_one_is_warned_of() -> None:
    wanted = {"exporters_authentication": "both", "exporters_basic_auth": {"prometheus": "correct horse"}}
    assert judge(**wanted).warnings == []  # of another host
    found = judge(group_names=["monitoring"], **wanted)
    assert found.problems == [] and found.warnings[0].startswith("monitoring_basic_auth is {}; expected a user")
    assert judge(group_names=["monitoring"], monitoring_state="absent", **wanted).warnings == []
    assert judge(group_names=["monitoring"], monitoring_basic_auth={"username": "a", "password": "b"}, **wanted).warnings == []
