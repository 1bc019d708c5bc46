# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils.services import (
    FACETS,
    checked_services,
    declared_services,
    facet,
    known_keys,
    port_of,
)
from hypothesis import given
from hypothesis import strategies as st

CATALOGUE: dict[str, Any] = {
    "web": {"package": {"name": "nginx"}, "ports": [{"port": 80}], "backup": {"paths": ["/srv"]}, "options": {"a": 1, "b": 2}},
    "bare": {"description": "has no kind"},
}


def problem(declared: object, catalogue: object = None) -> str:
    with pytest.raises(BadInput) as error:
        declared_services(declared, catalogue)
    return str(error.value)


def package(**more: object) -> dict[str, object]:
    return {"package": {"name": "x"}, **more}


def test_layers_are_merged_in_order() -> None:
    declared = {
        "fleet_services": {"a": package(user="all", group="all", unit="all")},
        "fleet_services_group": {"a": {"user": "group", "group": "group"}, "b": package()},
        "fleet_services_host": {"a": {"user": "host"}},
        "other": 1,
    }
    assert declared_services(declared) == {"a": package(user="host", group="group", unit="all"), "b": package()}


def test_layers_may_be_given_as_a_list() -> None:
    assert declared_services([{"a": package(user="x")}, None, {"a": {"user": "y"}}]) == {"a": package(user="y")}


def test_the_catalogue_is_the_lowest_layer() -> None:
    declared = [{"shop": {"catalogue": "web", "options": {"b": 3}, "ports": [{"port": 443}]}}]
    assert declared_services(declared, CATALOGUE)["shop"] == {
        "catalogue": "web",
        "package": {"name": "nginx"},
        "ports": [{"port": 443}],
        "backup": {"paths": ["/srv"]},
        "options": {"a": 1, "b": 3},
    }


def test_null_takes_away_what_the_catalogue_has() -> None:
    service = declared_services([None, None, {"shop": {"catalogue": "web", "backup": None}}], CATALOGUE)["shop"]
    assert "backup" not in service


def test_any_layer_may_name_the_entry() -> None:
    assert declared_services([{"shop": {}}, {"shop": {"catalogue": "web"}}], CATALOGUE)["shop"]["ports"] == [{"port": 80}]


def test_null_removes_a_service_and_a_later_layer_begins_anew() -> None:
    assert declared_services([{"a": package(user="x")}, {"a": None}]) == {}
    assert declared_services([{"a": package(user="x")}, {"a": None}, {"a": package()}]) == {"a": package()}


def test_a_host_without_services() -> None:
    assert declared_services({}) == {}


def test_unknown_entry_of_the_catalogue() -> None:
    told = problem([{"shop": {"catalogue": "wbe"}}], CATALOGUE)
    assert told.startswith("fleet_services.shop.catalogue is 'wbe'; expected a known entry of catalogue/services. Did you mean 'web'?")


@pytest.mark.parametrize(("key", "meant"), [("packge", "package"), ("port", "ports"), ("enviroment", "environment"), ("log", "logs")])
def test_unknown_key_with_the_nearest(key: str, meant: str) -> None:
    assert "Did you mean %r?" % meant in problem([{"a": package(**{key: {}})}])


def test_exactly_one_kind() -> None:
    assert "expected exactly one of container, package, program and release. Add one" in problem([{"a": {"user": "x"}}])
    assert "Keep one of them" in problem([{"a": package(container={})}])
    assert "Add one of them" in problem([{"a": {"catalogue": "bare"}}], CATALOGUE)


def test_state() -> None:
    assert declared_services([{"a": package(state="absent")}])["a"]["state"] == "absent"
    assert "fleet_services.a.state is 'gone'; expected present or absent" in problem([{"a": package(state="gone")}])


def test_two_services_on_one_port_name_both() -> None:
    told = problem([{"shop": package(ports=[{"port": 80}]), "blog": package(ports={"port": "80"})}])
    assert told.startswith("fleet_services.blog.ports[0].port is '80'; expected a port that no other service of the host has.")
    assert "'shop'" in told
    assert "'blog'" in told


@pytest.mark.parametrize(
    "ports",
    [
        ({"port": 80}, {"port": 81}),
        ({"port": 53, "protocol": "tcp"}, {"port": 53, "protocol": "udp"}),
        ({"port": "8000-8010"}, {"port": 8011}),
    ],
)
def test_ports_beside_each_other(ports: tuple[dict[str, object], dict[str, object]]) -> None:
    assert len(declared_services([{"a": package(ports=ports[0]), "b": package(ports=[ports[1]])}])) == 2


def test_ranges_overlap_too() -> None:
    assert "no other service" in problem([{"a": package(ports={"port": "8000-8010"}), "b": package(ports={"port": 8005})}])


def test_an_absent_service_holds_no_port() -> None:
    assert len(declared_services([{"a": package(ports={"port": 80}, state="absent"), "b": package(ports={"port": 80})}])) == 2


def test_a_service_may_name_its_own_port_twice() -> None:
    assert declared_services([{"a": package(ports=[{"port": 80, "from": ["x"]}, {"port": 80, "from": ["y"]}])}])


@pytest.mark.parametrize("port", [0, 65536, -1, "http", "10-5", "1-", None, True, 1.5, "", [80]])
def test_no_port(port: object) -> None:
    with pytest.raises(BadInput, match="expected a port from 1 to 65535"):
        port_of("x", {"port": port})


@given(st.integers(1, 65535), st.integers(1, 65535))
def test_every_port_and_range(one: int, two: int) -> None:
    low, high = sorted((one, two))
    assert port_of("x", {"port": low}) == port_of("x", {"port": str(low)}) == (low, low)
    assert port_of("x", {"port": "%d-%d" % (low, high)}) == (low, high)


@pytest.mark.parametrize(
    ("declared", "part"),
    [
        ("x", "declared_services is 'x'; expected the variables of a host or a list of layers"),
        ([["a"]], "fleet_services is ['a']; expected a mapping of name to declaration"),
        ([None, {"a": "nginx"}], "fleet_services_group.a is 'nginx'; expected a mapping"),
        ([None, None, None, 5], "layer 3 is 5; expected a mapping"),
        ([{"a": package(ports=80)}], "fleet_services.a.ports is 80; expected a mapping or a list of mappings. It is a number"),
        ([{"a": package(ports=[80])}], "fleet_services.a.ports[0] is 80; expected a mapping"),
    ],
)
def test_wrong_types_are_named(declared: object, part: str) -> None:
    assert part in problem(declared)


def test_a_wrong_catalogue_is_named() -> None:
    assert "declared_services: catalogue is []; expected a mapping" in problem([], [])


def test_all_problems_come_at_once_and_the_right_ones_are_kept() -> None:
    services, problems = checked_services([{"a": package(usr=1), "b": package(), "c": {"catalogue": "x"}, "d": package(health=1)}])
    assert len(problems) == 3
    assert "b" in services
    assert problem([{"a": package(usr=1), "c": {}}]).count("\n") == 1


def test_input_is_not_changed() -> None:
    declared = [{"shop": {"catalogue": "web", "options": {"a": None}}}]
    declared_services(declared, CATALOGUE)
    assert declared == [{"shop": {"catalogue": "web", "options": {"a": None}}}]
    assert CATALOGUE["web"]["options"] == {"a": 1, "b": 2}


def test_facet_adds_the_service_and_makes_lists() -> None:
    services = {"a": {"ports": {"port": 80}}, "b": {"ports": [{"port": 1}, {"port": 2}]}, "c": {}}
    assert facet(services, "ports") == [{"port": 80, "service": "a"}, {"port": 1, "service": "b"}, {"port": 2, "service": "b"}]
    assert services["a"] == {"ports": {"port": 80}}


def test_facet_leaves_absent_services_out() -> None:
    assert facet({"a": {"state": "absent", "ports": {"port": 80}}}, "ports") == []


@pytest.mark.parametrize("name", FACETS)
def test_each_facet_is_a_key_of_a_service(name: str) -> None:
    assert name in known_keys()
    assert facet({"a": {name: {"x": 1}}}, name) == [{"x": 1, "service": "a"}]


def test_unknown_facet_with_the_nearest() -> None:
    with pytest.raises(BadInput, match=r"facet is 'metric'; expected a known facet. Did you mean 'metrics'\?"):
        facet({}, "metric")


@pytest.mark.parametrize("value", ["80", 80, True, ["80"], [80]])
def test_strings_and_numbers_are_no_items(value: object) -> None:
    with pytest.raises(BadInput, match=r"fleet_services\.a\.ports"):
        facet({"a": {"ports": value}}, "ports")


@pytest.mark.parametrize("services", [None, [], "x", {"a": "x"}])
def test_facet_of_something_else(services: object) -> None:
    with pytest.raises(BadInput, match="expected a mapping"):
        facet(services, "ports")


def test_facets_are_there_for_each_instance() -> None:
    service = {"release": {}, "instances": [1, 2], "ports": [{"port": "808{instance}", "from": ["any"]}, {"port": 9000}]}
    assert [item["port"] for item in facet({"a": service}, "ports")] == ["8081", "8082", 9000]
    assert "The service 'a' has it too" in problem([{"a": service, "b": {"package": "x", "ports": [{"port": 8082}]}}])
