# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.groundwork.fleet.plugins.plugin_utils import topology

HOSTS = {
    "web-1": {"ansible_host": "192.0.2.11", "ansible_facts": {"default_ipv4": {"address": "10.0.0.11"}}},
    "db-1": {"ansible_host": "db-1.example.org", "ansible_facts": {}},
    "ops-1": {"fleet_address": "192.0.2.13", "ansible_host": "127.0.0.1", "__log_shipping_canary": "ops-1-x"},
}
GROUPS = {"all": list(HOSTS), "web": ["web-1"], "log_servers": ["ops-1"], "time_servers": ["ops-1"], "monitoring": ["ops-1"]}


def test_what_the_inventory_says_does_not_depend_on_facts() -> None:
    assert topology.addresses(HOSTS["web-1"]) == ["192.0.2.11"]
    assert topology.addresses({"fleet_address": "2001:db8::7", "ansible_host": "192.0.2.7"}) == ["2001:db8::7", "192.0.2.7"]
    assert topology.addresses({"inventory_hostname": "192.0.2.9"}) == ["192.0.2.9"]


def test_facts_give_the_addresses_of_a_host_that_the_inventory_gives_none() -> None:
    facts = {"default_ipv4": {"address": "10.0.0.12"}, "default_ipv6": {"address": "2001:db8::12"}}
    assert topology.addresses({"ansible_host": "db-1.example.org", "ansible_facts": facts}) == ["10.0.0.12", "2001:db8::12"]
    assert topology.addresses({"inventory_hostname": "db-1", "ansible_facts": facts}) == ["10.0.0.12", "2001:db8::12"]


def test_a_name_or_loopback_is_no_source_address() -> None:
    assert topology.addresses(HOSTS["db-1"], unknown) == []
    assert topology.addresses(HOSTS["ops-1"]) == ["192.0.2.13"]


def test_a_declared_address_wins_and_a_name_is_the_last_resort() -> None:
    assert topology.reached_at("ops-1", HOSTS["ops-1"]) == "192.0.2.13"
    assert topology.reached_at("web-1", HOSTS["web-1"]) == "192.0.2.11"
    assert topology.reached_at("db-1", HOSTS["db-1"]) == "db-1.example.org"
    assert topology.reached_at("new", {}) == "new"


def unknown(name: object) -> list[str]:
    return []


def known(name: object) -> list[str]:
    return {"db-1.example.org": ["192.0.2.12", "2001:db8::12"]}.get(str(name), [])


def test_a_name_is_resolved_only_where_neither_inventory_nor_facts_know_an_address() -> None:
    assert topology.addresses(HOSTS["db-1"], known) == ["192.0.2.12", "2001:db8::12"]
    assert topology.addresses(HOSTS["web-1"], lambda name: ["198.51.100.1"]) == ["192.0.2.11"]
    facts = {"default_ipv4": {"address": "10.0.0.12"}}
    assert topology.addresses({**HOSTS["db-1"], "ansible_facts": facts}, known) == ["10.0.0.12"]


def test_groups_are_the_sum_of_their_hosts() -> None:
    found = topology.sources(HOSTS, GROUPS, known)
    assert found["web"] == ["192.0.2.11"]
    assert found["all"] == ["192.0.2.11", "192.0.2.12", "2001:db8::12", "192.0.2.13"]
    assert found["ops-1"] == ["192.0.2.13"]


def test_a_host_without_an_address_costs_its_group_nothing_and_is_named_where_it_stands_alone() -> None:
    found = topology.sources(HOSTS, {**GROUPS, "database": ["db-1"], "new": []}, unknown)
    assert found["all"] == ["192.0.2.11", "192.0.2.13"]
    assert (found["db-1"], found["database"], found["new"]) == (["db-1"], ["db-1"], [])


def test_the_controllers_resolver_is_asked() -> None:
    assert topology.resolved("127.0.0.1") == ["127.0.0.1"]
    assert topology.resolved("not a name") == []


def test_log_servers_bear_the_name_of_their_certificate() -> None:
    assert topology.log_servers(["ops-1"], HOSTS) == [{"host": "192.0.2.13", "port": 2514, "name": "ops-1"}]


def test_only_hosts_that_wrote_a_canary_are_looked_for() -> None:
    assert topology.canaries(HOSTS) == {"ops-1": "ops-1-x"}


def test_a_host_that_sends_to_one_of_two_log_servers_is_looked_for_there() -> None:
    ran = {"results": {"canary": {"commands": {"servers": {"stdout": '{"log_servers": "ops-2"}\n'}}}}}
    hosts = {**HOSTS, "web-1": {"__log_shipping_canary": "web-1-x", "__log_shipping_run": ran}}
    assert topology.canaries(hosts, "ops-1") == {"ops-1": "ops-1-x"}
    assert topology.canaries(hosts, "ops-2") == {"ops-1": "ops-1-x", "web-1": "web-1-x"}


def test_exporters_open_to_monitoring_only_on_their_own_host() -> None:
    targets = [{"host": "web-1", "exporter": "node", "port": 9100}, {"host": "db-1", "exporter": "node", "port": 9100}]
    service = {"service": "shop", "port": 443, "from": ["any"]}
    assert topology.open_ports([service], targets, "web-1", GROUPS) == [
        service,
        {"service": "exporter node", "port": 9100, "from": ["monitoring"]},
    ]
    assert topology.open_ports([], targets, "web-1", {"all": ["web-1"]}) == []


def test_log_and_time_servers_let_the_fleet_in() -> None:
    found = topology.open_ports([], [], "ops-1", GROUPS)
    assert [(item["service"], item["port"], item["from"]) for item in found] == [
        ("log_server", 6514, ["all"]),
        ("log_server", 2514, ["all"]),
        ("time_sync", 123, ["all"]),
    ]


def test_a_host_reaches_the_log_server_and_a_monitoring_host_what_it_scrapes() -> None:
    targets = [
        {"host": "web-1", "exporter": "node", "port": 9100},
        {"host": "db-1", "exporter": "node", "port": 9100},
        {"host": "db-1", "exporter": "other", "port": 9100},
        {"host": "ops-1", "exporter": "node", "port": 9100},
        {"host": "ops-1", "exporter": "prometheus", "port": 9090},
    ]
    groups = {"all": ["web-1", "db-1", "ops-1"], "monitoring": ["ops-1"], "log_servers": ["ops-1"]}
    logs = {"service": "log_shipping", "port": 2514, "to": ["log_servers"]}
    assert topology.outbound_ports(targets, "web-1", groups) == [logs]
    assert topology.outbound_ports(targets, "ops-1", groups) == [logs, {"service": "scrape", "port": 9100, "to": ["web-1", "db-1"]}]
    assert topology.outbound_ports(targets, "web-1", {"all": ["web-1"]}) == []
