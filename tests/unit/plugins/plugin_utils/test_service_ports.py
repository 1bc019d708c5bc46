# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import declaration_checks, service_ports, services

RELEASE = {"url": "https://example.org/a.tar", "version": "1", "sha256": "a" * 64}
BLUE_GREEN = {"strategy": "blue_green", "ports": [8081, 8082], "switch": {"nginx": None}}
IMAGE = "localhost/shop@sha256:" + "a" * 64


def told(**declared):
    return list(services.checked_services({"fleet_services": declared})[1])


@pytest.mark.parametrize(
    ("blog", "place"),
    [
        ({"package": "x", "ports": [{"port": 8081}]}, "ports[0].port"),
        ({"package": "x", "ports": [{"port": "8000-8090"}]}, "ports[0].port"),
        ({"package": "x", "metrics": [{"port": 8082}]}, "metrics[0].port"),
        ({"release": RELEASE, "exec": "bin/blog --port 8081"}, "exec"),
        ({"release": RELEASE, "exec": "bin/blog --listen=127.0.0.1:{port}", "options": {"port": 8082}}, "exec"),
        ({"release": RELEASE, "exec": "bin/blog --port {port}", "deploy": {**BLUE_GREEN, "ports": [8082, 8083]}}, "deploy.ports[0]"),
        ({"container": {"image": IMAGE, "publish": ["8081:80"]}}, "container.publish[0]"),
        ({"container": {"image": IMAGE, "publish": ["0.0.0.0:8082:80/tcp"]}}, "container.publish[0]"),
    ],
)
def test_two_services_on_one_port_are_told_wherever_it_stands(blog, place):
    found = told(orders={"release": RELEASE, "exec": "bin/orders --port {port}", "deploy": BLUE_GREEN}, blog=blog)
    assert found and found[0].startswith("fleet_services.blog.%s is " % place)
    assert "'orders' has it too (fleet_services.orders.deploy.ports[" in found[0]


@pytest.mark.parametrize(
    "blog",
    [
        {"package": "x", "ports": [{"port": 8081, "protocol": "udp"}]},
        {"package": "x", "metrics": [{"exporter": "nginx"}]},
        {"release": RELEASE, "exec": "bin/blog --db-port 8081 --peer 127.0.0.1:8082 --port {none}"},
        {"release": RELEASE, "exec": "bin/blog 'unclosed --port 8081"},
        {"package": "x", "exec": "--port 8081", "state": "absent"},
    ],
)
def test_a_port_that_is_somebody_elses_or_not_taken_is_no_clash(blog):
    found = told(orders={"release": RELEASE, "exec": "bin/orders", "deploy": BLUE_GREEN}, blog=blog)
    assert not [text for text in found if "has it too" in text]


def test_a_service_may_name_its_own_port_several_times():
    orders = {"release": RELEASE, "exec": "bin/orders --port 8080", "ports": [{"port": 8080}], "metrics": [{"port": 8080}]}
    assert told(orders=orders) == []


def test_ports_that_cannot_be_some_are_told_once():
    assert told(orders={"release": RELEASE, "exec": "x", "deploy": {**BLUE_GREEN, "ports": [8081]}})[0].startswith(
        "fleet_services.orders.deploy.ports is [8081]; expected two ports"
    )


@pytest.mark.parametrize(
    ("words", "ports"),
    [
        ("--port 1", [1]),
        ("--web.listen-address=:9100", [9100]),
        ("--bind [::]:80", [80]),
        ("--http-port=8080 --listen-address 127.0.0.1:9", [8080, 9]),
        ("--listen tcp", []),
        ("--port 99999", []),
        ("--export 80 --support 8", []),
    ],
)
def test_the_command_tells_where_a_release_listens(words, ports):
    assert service_ports.command_ports({"release": {}, "exec": "bin/x " + words}) == ports


def problems(**declared):
    return declaration_checks.problems(declared, ["web"])


def orders(check, **more):
    return {"release": RELEASE, "exec": "bin/orders --port 8080", "health": [check], **more}


@pytest.mark.parametrize(
    ("check", "place"),
    [
        ({"http": {"url": "http://127.0.0.1:8081/healthz"}}, "http.url is 'http://127.0.0.1:8081/healthz'"),
        ({"http": {"url": "http://localhost/"}}, "http.url is 'http://localhost/'"),
        ({"http": {"url": "https://[::1]/"}}, "http.url"),
        ({"tcp": {"port": 8081}}, "tcp.port is 8081"),
    ],
)
def test_a_check_of_a_port_that_nothing_opens_can_never_pass(check, place):
    found = problems(orders=orders(check))
    assert len(found) == 1
    assert "fleet_services.orders.health[0].%s" % place in found[0]
    assert "orders listens on 8080: correct the check" in found[0]


@pytest.mark.parametrize(
    ("check", "more"),
    [
        ({"http": {"url": "http://127.0.0.1:8080/"}}, {}),
        ({"http": {"url": "http://db-1:5432/"}}, {}),
        ({"tcp": {"host": "192.0.2.1", "port": 1}}, {}),
        ({"http": {"url": "http://127.0.0.1:9001/"}}, {"options": {"admin_port": 9001}}),
        ({"http": {"url": "http://127.0.0.1:9001/"}}, {"environment": {"ADMIN": "127.0.0.1:9001"}}),
        ({"http": {"url": "http://127.0.0.1:9001/"}}, {"files": {"/etc/orders/a": {"template": "a.j2"}}}),
        ({"http": {"url": "http://127.0.0.1:9001/"}, "from": "outside"}, {}),
        ({"file": {"path": "/x"}}, {}),
    ],
)
def test_a_check_that_may_pass_is_left_alone(check, more):
    assert not [text for text in problems(orders=orders(check, **more)) if "expected a port" in text]


def test_a_check_through_another_service_may_pass():
    nginx = {"package": "nginx", "ports": [{"port": 80, "from": ["web"]}]}
    assert problems(nginx=nginx, orders=orders({"http": {"url": "http://127.0.0.1/"}})) == []


def test_a_service_that_does_not_say_where_it_listens_is_not_judged():
    assert problems(orders={"release": RELEASE, "exec": "bin/orders", "health": [{"tcp": {"port": 8080}}]}) == []


@pytest.mark.parametrize(
    ("service", "message"),
    [
        ({"release": RELEASE}, "fleet_services.orders.exec is None; expected a text"),
        ({"release": RELEASE, "exec": "x", "limits": {"memroy": "1G"}}, "Did you mean 'memory'?"),
        ({"release": RELEASE, "exec": "x", "preset": "network_servic"}, "Did you mean 'network_service'?"),
        ({"release": RELEASE, "exec": "x", "user": "No User"}, "fleet_services.orders.user is 'No User'"),
        ({"package": "x", "user": "nobody"}, "fleet_services.orders.user is 'nobody'; expected nothing"),
        ({"container": {"image": "shop:1.2"}}, "fleet_services.orders.container.image is 'shop:1.2'; expected name@sha256:"),
        ({"release": RELEASE, "exec": "x", "deploy": {**BLUE_GREEN, "switch": {}}}, "fleet_services.orders.deploy.switch"),
    ],
)
def test_what_the_role_would_refuse_later_is_told_before(service, message):
    found = problems(orders=service)
    assert len(found) == 1 and message in found[0]


def test_what_is_told_is_told_once():
    assert len(problems(orders={"release": {**RELEASE, "sha256": "x"}})) == 1


def test_a_value_by_platform_is_right_for_one_of_them():
    assert problems(orders={"package": {"name": {"by_platform": {"Debian-12": "a", "RedHat": "b"}}}}) == []
