# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import firewall_declared

SETTINGS: dict[str, Any] = {
    "rules": [],
    "services": [],
    "outbound": None,
    "outbound_services": [],
    "ssh_ports": [22],
    "ssh_from": ["any"],
    "ssh_rate": "5/second",
    "ssh_burst": 100,
    "bans": False,
    "banned": [],
    "log_drops": True,
    "log_rate": "6/minute",
    "log_prefix": "drop",
    "must_reach": {},
}
SOURCES = firewall_declared.sources_of({"office": ["192.0.2.0/24"], "nobody": [], "wrong": ["x"]}, ["web", "web-1"])


def problems(port: object = 22, **given: Any) -> list[str]:
    return firewall_declared.problems({**SETTINGS, "sources": SOURCES, **given}, port)


def test_settings_that_are_right() -> None:
    rules = [{"port": 80, "from": ["office", "web", "wrong"], "rate": "5/minute"}, {"port": "90-91", "from": ["any"], "action": "drop"}]
    assert problems(rules=rules, outbound=[{"port": 443, "to": ["any"]}], ssh_from=["office", "web-1"]) == []


def test_everything_in_one_item_is_told() -> None:
    found = problems(rules=[{"port": 99999, "from": ["offce"], "rate": "5/fortnight", "action": "accpt", "protocol": "tpc"}])
    assert [text.split(";")[0] for text in found] == [
        "firewall_rules[0].port is 99999",
        "firewall_rules[0].protocol is 'tpc'",
        "firewall_rules[0].action is 'accpt'",
        "firewall_rules[0].rate is '5/fortnight'",
        "firewall_rules[0].from is 'offce'",
    ]
    assert "Did you mean 'office'?" in found[4]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"rules": [{"port": 80, "from": ["any"], "raet": "x"}]}, "Did you mean 'rate'?"),
        ({"rules": [{"port": 80, "from": ["any"], "action": "drop", "rate": "5/minute"}]}, "firewall_rules[0].rate is '5/minute'"),
        ({"outbound": [{"port": 80, "to": ["any"]}, {"port": 80, "to": ["wbe"]}]}, "firewall_outbound[1].to is 'wbe'"),
        ({"ssh_from": ["offce"]}, "firewall_ssh_from is 'offce'"),
        ({"ssh_from": ["nobody"]}, "You would lock yourself out."),
        ({"ssh_ports": [2222]}, "firewall_ssh_ports is [2222]"),
        ({"ssh_ports": [22, 0]}, "firewall_ssh_ports is 0"),
        ({"ssh_rate": "1/hour"}, "firewall_ssh_rate is '1/hour'"),
        ({"banned": ["203.0.113.9", "x"]}, "firewall_banned is 'x'"),
        ({"log_rate": "often"}, "firewall_log_rate is 'often'"),
        ({"log_prefix": ""}, "firewall_log_prefix is ''"),
        ({"must_reach": {"mirror": {"host": "x", "prot": 1}}}, "firewall_must_reach['mirror']"),
        ({"sources": {**SOURCES, "any": []}}, "firewall_sources is 'any'"),
    ],
)
def test_each_problem_is_told_once(given: dict[str, Any], told: str) -> None:
    [problem] = problems(**given)
    assert told in problem


@pytest.mark.parametrize(
    ("connection", "port", "found"), [(None, None, 22), ("ssh", 2222, 2222), ("local", 2222, 0), ("paramiko", "23", "23")]
)
def test_the_port_of_the_connection(connection: object, port: object, found: object) -> None:
    assert firewall_declared.connection_port(connection, port) == found
