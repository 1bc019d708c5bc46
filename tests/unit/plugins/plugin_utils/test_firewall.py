# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import firewall, settings

ROOT = Path(__file__).resolve().parents[4]
SETTINGS = {
    "sources": {"web": ["192.0.2.0/24", "2001:db8::/32"], "ops": ["198.51.100.9"], "empty": []},
    "services": [],
    "rules": [],
    "outbound": None,
    "outbound_services": [],
    "must_reach": {},
    "ssh_ports": [22],
    "ssh_from": ["any"],
    "ssh_rate": "",
    "ssh_burst": 100,
    "bans": False,
    "banned": [],
    "log_drops": False,
    "log_rate": "6/minute",
    "log_prefix": "groundwork drop",
}


def ruleset(port=None, **settings):
    return firewall.ruleset({**SETTINGS, **settings}, port)


def chain(name="input", port=None, **settings):
    found = [one for one in ruleset(port, **settings)["chains"] if one["name"] == name]
    return found[0]["rules"] if found else None


def declared(**settings):
    return [rule["match"] for rule in chain(**settings)][len(firewall.ESSENTIAL) : -2]


def test_the_smallest_firewall():
    found = ruleset()
    assert [(one["name"], one["policy"]) for one in found["chains"]] == [("input", "drop")]
    assert declared() == ["tcp dport 22"]
    assert found["sets"] == [] and found["bans"] is False and found["reach"] == {}
    assert [rule["comment"] for rule in chain()][-2:] == ["dropped, not addressed to this host", "dropped"]


def test_extra_rules_stand_before_services_and_ssh_before_both():
    extra = [{"name": "closed", "port": 8, "from": ["any"], "action": "reject"}]
    services = [{"service": "x", "port": 9, "from": ["any"]}]
    assert declared(rules=extra, services=services, ssh_ports=[22, 2222], ssh_from=["ops"]) == [
        "ip saddr @ops_v4 tcp dport 22",
        "ip saddr @ops_v4 tcp dport 2222",
        "tcp dport 8",
        "tcp dport 9",
    ]


def test_an_address_that_changes_changes_a_set_and_no_rule():
    services = [{"service": "x", "port": 9, "from": ["web"]}, {"service": "y", "port": 10, "from": ["web"]}]
    before = ruleset(services=services)
    after = ruleset(services=services, sources={"web": ["192.0.2.77", "2001:db8::/32"]})
    assert before["chains"] == after["chains"]
    assert [one["elements"] for one in before["sets"]] == [["192.0.2.0/24"], ["2001:db8::/32"]]
    assert [one["elements"] for one in after["sets"]] == [["192.0.2.77"], ["2001:db8::/32"]]


def test_new_ssh_connections_are_limited_by_source():
    rules = declared(ssh_rate="5/second", ssh_ports=[22, 2222])
    assert len(rules) == 4 and rules[0].startswith("tcp dport { 22, 2222 } update @groundwork_rate_ssh_5_second_100_v4 { ip saddr limit")
    assert "{ ip6 saddr and ffff:ffff:ffff:ffff:: limit rate over 5/second burst 100 packets }" in rules[1]


@pytest.mark.parametrize("settings", [{"ssh_ports": []}, {"ssh_from": ["empty"]}])
def test_rules_that_leave_ssh_to_nobody_are_refused(settings):
    with pytest.raises(BadInput, match="lock yourself out"):
        ruleset(**settings)


def test_the_port_of_the_connection_stays_open():
    with pytest.raises(BadInput, match=r"firewall_ssh_ports is \[22\]; expected 2222 among them\..*\(ansible_port\): add it"):
        ruleset(2222)


@pytest.mark.parametrize(("ports", "port"), [([22], "22"), ([22, 2222], 2222), (["2222"], 2222), ([22], 0), ([22], None), ([22], "0")])
def test_a_port_that_stays_open_and_a_connection_without_one(ports, port):
    assert len(chain(port=port, ssh_ports=ports)) == len(firewall.ESSENTIAL) + len(ports) + 2


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sources": {"any": ["192.0.2.1"]}}, "firewall_sources is 'any'; expected names other than 'any'"),
        ({"banned": ["192.0.2.1/24"]}, r"firewall_banned is '192.0.2.1/24'.*host bits set"),
        ({"rules": [{"name": "x", "port": 1, "from": ["wab"]}]}, r"firewall_rules\[0\]\.from is 'wab'.*Did you mean 'web'"),
        ({"outbound": [{"name": "x", "port": 1, "to": ["wab"]}]}, r"firewall_outbound\[0\]\.to is 'wab'.*Did you mean 'web'"),
        ({"outbound": [], "outbound_services": [{"port": 0, "to": ["any"]}]}, r"firewall_outbound_services\[0\]\.port is 0"),
        ({"ssh_from": ["opps"]}, r"firewall_ssh_from is 'opps'.*Did you mean 'ops'"),
        ({"ssh_ports": [70000]}, "firewall_ssh_ports is 70000"),
        ({"log_rate": "often"}, "firewall_log_rate is 'often'"),
        ({"log_prefix": 'a"b'}, "firewall_log_prefix is 'a\"b'"),
        ({"log_prefix": " "}, "firewall_log_prefix is ' '"),
        ({"log_prefix": "x" * 91}, "firewall_log_prefix"),
        ({"must_reach": {"mirror": "deb"}}, r"firewall_must_reach\['mirror'\] is 'deb'; expected a mapping"),
        ({"must_reach": {"mirror": {"host": "deb", "prt": 1}}}, "is 'prt'.*Did you mean 'port'"),
        ({"must_reach": {"mirror": {"host": "deb", "port": 0}}}, r"firewall_must_reach\['mirror'\]\.port is 0"),
    ],
)
def test_what_is_wrong_is_named(settings, message):
    with pytest.raises(BadInput, match=message):
        ruleset(**settings)


def test_drops_are_logged_where_that_is_asked_for():
    rules = chain(log_drops=True)
    assert rules[-2]["match"] == 'limit rate 6/minute burst 10 packets counter log prefix "groundwork drop in: "'
    assert chain(log_drops=True, log_rate="")[-2]["match"] == 'counter log prefix "groundwork drop in: "'
    assert "log" not in [rule["comment"] for rule in chain()]


def test_what_goes_out_is_free_unless_something_is_declared():
    assert chain("output") is None
    assert chain("output", outbound_services=[{"service": "logs", "port": 6514, "to": ["ops"]}]) is None


def test_what_goes_out_is_what_is_declared_and_what_a_host_needs():
    rules = chain("output", outbound=[], outbound_services=[{"service": "logs", "port": 6514, "to": ["ops"]}], log_drops=True)
    assert [rule["match"] for rule in rules][len(firewall.ESSENTIAL_OUTBOUND) :] == [
        "ip daddr @ops_v4 tcp dport 6514",
        'limit rate 6/minute burst 10 packets counter log prefix "groundwork drop out: "',
        "counter",
    ]
    assert rules[-1]["action"].startswith("reject")
    assert {"dns", "ntp", "dhcp", "dhcpv6", "loopback", "known connections"} <= {rule["comment"] for rule in rules}
    assert [one["name"] for one in ruleset(outbound=[])["chains"] if one["policy"] == "drop"] == ["input", "output"]


def test_who_is_banned_in_the_inventory_is_dropped_before_anything_else():
    found = ruleset(banned=["203.0.113.0/24", "2001:db8:bad::/48"])
    first = found["chains"][0]
    assert (first["name"], first["priority"], first["policy"]) == ("prerouting", "raw", "accept")
    assert [rule["match"] for rule in first["rules"]] == [
        "iif lo",
        "ip saddr @groundwork_banned_v4 counter",
        "ip6 saddr @groundwork_banned_v6 counter",
    ]


def test_what_is_said_of_a_connection_has_the_order_of_the_rules():
    found = ruleset(
        banned=["203.0.113.0/24"],
        ssh_from=["ops"],
        rules=[{"name": "closed", "port": "20-30", "from": ["any"], "action": "reject"}],
        services=[{"service": "dns", "port": 53, "protocol": "udp", "from": ["any"]}],
    )
    assert found["access"] == [
        {"name": "banned by firewall_banned", "action": "drop", "ports": "1-65535", "addresses": ["203.0.113.0/24"]},
        {"name": "ssh 22 from ops", "action": "accept", "ports": "22", "addresses": ["198.51.100.9"]},
        {"name": "closed tcp 20-30 from any", "action": "reject", "ports": "20-30", "addresses": None},
    ]


def test_what_must_be_reached_becomes_checks():
    found = ruleset(must_reach={"mirror": {"host": "deb.example.org", "port": "443"}})
    assert found["reach"] == {"mirror": {"tcp": {"host": "deb.example.org", "port": 443}, "retries": 2, "delay": 1}}


EXAMPLES = [
    pytest.param(block, id=f"{path.name} {number}")
    for path in (ROOT / "docs" / "firewall.md", ROOT / "roles" / "firewall" / "README.md")
    for number, block in enumerate(re.findall(r"```yaml\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL))
]


def test_there_are_examples():
    assert len(EXAMPLES) >= 5


@pytest.mark.parametrize("block", EXAMPLES)
def test_an_example_of_the_documentation_is_one(block):
    spec = yaml.safe_load((ROOT / "roles" / "firewall" / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    options = spec["argument_specs"]["main"]["options"]
    given = {"firewall_ssh_ports": [22], **yaml.safe_load(block)}
    given.setdefault("firewall_sources", given.pop("fleet_networks", {}))
    assert set(given) <= set(options)
    values = settings.without_prefix(settings.coerced(options, settings.given_values(options, given, lambda value: value)), "firewall")
    assert firewall.ruleset(values)["chains"]
