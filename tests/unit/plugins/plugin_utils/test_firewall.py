# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import firewall

SOURCES = {"web": ["192.0.2.0/24", "192.0.2.7", "2001:db8::/32"], "ops": ["198.51.100.9"], "empty": []}


def declared(services, extra=(), **options):
    return firewall.rules(services, SOURCES, extra, **options)[len(firewall.ESSENTIAL) :]


def test_a_port_for_everybody():
    assert declared([{"service": "shop", "port": 443, "from": ["any"]}]) == [
        {"match": "tcp dport 22", "action": "accept", "comment": "ssh 22"},
        {"match": "tcp dport 443", "action": "accept", "comment": "shop tcp 443 from any"},
    ]


def test_one_rule_per_family_and_overlapping_blocks_are_joined():
    rules = declared([{"service": "dns", "port": "53", "protocol": "udp", "from": ["web", "ops"]}])[1:]
    assert [rule["match"] for rule in rules] == [
        "ip saddr { 192.0.2.0/24, 198.51.100.9 } udp dport 53",
        "ip6 saddr { 2001:db8::/32 } udp dport 53",
    ]


def test_a_source_without_addresses_opens_nothing():
    assert len(declared([{"service": "x", "port": 1, "from": ["empty"]}])) == 1


def test_any_among_other_names_means_everybody():
    assert declared([{"service": "x", "port": 1, "from": ["web", "any"]}])[1]["match"] == "tcp dport 1"


def test_extra_rules_stand_before_services_and_ssh_before_both():
    extra = [{"name": "closed", "port": 8, "from": ["any"], "action": "reject"}]
    rules = declared([{"service": "x", "port": 9, "from": ["any"]}], extra, ssh_ports=[22, 2222], ssh_from=["ops"])
    assert [rule["match"] for rule in rules] == [
        "ip saddr { 198.51.100.9 } tcp dport 22",
        "ip saddr { 198.51.100.9 } tcp dport 2222",
        "tcp dport 8",
        "tcp dport 9",
    ]
    assert rules[2]["action"] == "reject"


@pytest.mark.parametrize("port", [0, 65536, -1, "abc", "22-", "30-20", "20-20", True, None, [80], 1.5, "1-70000"])
def test_a_port_that_is_none_is_refused_by_its_place(port):
    with pytest.raises(BadInput, match=r"firewall_services\[0\]\.port is"):
        declared([{"service": "x", "port": port, "from": ["any"]}])


@pytest.mark.parametrize(("port", "written"), [(1, "1"), (65535, "65535"), ("443", "443"), ("9100-9200", "9100-9200")])
def test_ports_and_ranges(port, written):
    assert firewall.checked_port("port", port) == written


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({"service": "x", "port": 1}, r"\.from is None; expected a list of names.*no default"),
        ({"service": "x", "port": 1, "from": []}, r"\.from is \[\]"),
        ({"service": "x", "port": 1, "from": "web"}, r"\.from is 'web'; expected a list"),
        ({"service": "x", "port": 1, "from": ["wab"]}, r"\.from is 'wab'; expected a known source\. Did you mean 'web'\?"),
        ({"service": "x", "port": 1, "from": ["any"], "protocol": "tpc"}, r"\.protocol is 'tpc'.*Did you mean 'tcp'\?"),
        ({"service": "x", "port": 1, "from": ["any"], "action": "permit"}, r"\.action is 'permit'"),
        ({"service": "x", "prot": 1, "from": ["any"]}, r"is 'prot'; expected a known option\. Did you mean 'port'\?"),
        ({"service": "x", "from": ["any"]}, r"\.port is None; expected the port"),
        ("80/tcp", r"is '80/tcp'; expected a mapping"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(item, message):
    with pytest.raises(BadInput, match=r"firewall_services\[1\]" + ".*" + message):
        declared([{"service": "first", "port": 1, "from": ["any"]}, item])


@pytest.mark.parametrize("address", ["web-1.example.org", "192.0.2.1/24", "300.1.1.1", "", None])
def test_an_address_that_is_none_is_refused_by_the_name_of_its_source(address):
    with pytest.raises(BadInput, match=r"firewall_sources\['bad'\]"):
        firewall.rules([{"service": "x", "port": 1, "from": ["bad"]}], {"bad": [address]})


def test_a_host_of_which_no_address_is_known_is_an_error_with_its_remedy():
    with pytest.raises(BadInput, match=r"firewall_sources\['web'\] is 'web-2'.*set fleet_address or a numeric ansible_host"):
        firewall.rules([{"service": "x", "port": 1, "from": ["web"]}], {"web": ["192.0.2.1", "web-2"]})


def test_sources_must_be_lists_and_may_not_be_called_any():
    with pytest.raises(BadInput, match="expected a list of addresses"):
        firewall.rules([{"service": "x", "port": 1, "from": ["one"]}], {"one": "192.0.2.1"})
    with pytest.raises(BadInput, match="names other than 'any'"):
        firewall.rules([], {"any": ["192.0.2.1"]})


@pytest.mark.parametrize("options", [{"ssh_ports": []}, {"ssh_from": ["empty"]}])
def test_rules_that_leave_ssh_to_nobody_are_refused(options):
    with pytest.raises(BadInput, match="lock yourself out"):
        declared([], **options)


def test_the_port_of_the_connection_stays_open():
    with pytest.raises(BadInput, match=r"firewall_ssh_ports is \[22\]; expected 2222 among them\..*\(ansible_port\): add it"):
        declared([], connection_port=2222)


@pytest.mark.parametrize(("ports", "port"), [([22], "22"), ([22, 2222], 2222), (["2222"], 2222), ([22], 0), ([22], None), ([22], "0")])
def test_a_port_that_stays_open_and_a_connection_without_one(ports, port):
    assert len(declared([], ssh_ports=ports, connection_port=port)) == len(ports)


def test_a_comment_cannot_end_its_quotes():
    rules = declared([{"service": 'x" accept comment "\n', "port": 1, "from": ["any"]}])
    assert '"' not in rules[1]["comment"] and "\n" not in rules[1]["comment"] and len(rules[1]["comment"]) <= firewall.COMMENT_LIMIT


def listing(rules, policy="drop", chains=("input",)):
    items = [{"metainfo": {}}, {"table": {"name": "groundwork"}}]
    items += [{"chain": {"name": name, "hook": "input", "policy": policy}} for name in chains]
    items += [{"rule": {"comment": rule["comment"]}} for rule in rules] + [{"rule": {"comment": "dropped"}}]
    return json.dumps({"nftables": items})


def test_what_is_loaded_as_declared_has_no_differences():
    rules = firewall.rules([], SOURCES)
    assert firewall.differences(rules, listing(rules)) == []


def test_differences_say_what_is_missing_foreign_reordered_or_open():
    rules = firewall.rules([{"service": "shop", "port": 443, "from": ["any"]}], SOURCES)
    assert firewall.differences(rules, listing(rules[:-1])) == ["the rule 'shop tcp 443 from any' is not loaded"]
    assert firewall.differences(rules[:-1], listing(rules)) == ["the rule 'shop tcp 443 from any' is loaded but not declared"]
    assert firewall.differences(rules, listing(rules[::-1])) == ["the rules are loaded in another order than declared"]
    assert "policy accept" in firewall.differences(rules, listing(rules, policy="accept"))[0]
    assert "expected input only" in firewall.differences(rules, listing(rules, chains=("forward", "input")))[0]


@pytest.mark.parametrize("listed", ["", "\n", json.dumps({"nftables": [{"metainfo": {}}]})])
def test_a_table_that_is_not_loaded(listed):
    assert len(firewall.differences([], listed)) == 1
