# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter import firewall_ruleset as plugin

firewall_ruleset = plugin.FilterModule().filters()["firewall_ruleset"]
SETTINGS = {
    "sources": {"web": ["192.0.2.1"]},
    "services": [{"service": "shop", "port": 443, "from": ["web"]}],
    "rules": [],
    "must_reach": {},
    "ssh_ports": [22],
    "ssh_from": ["any"],
    "ssh_rate": "",
    "ssh_burst": 100,
    "bans": True,
    "banned": [],
    "log_drops": False,
    "log_rate": "",
    "log_prefix": "drop",
}


def test_the_decision_is_given() -> None:
    found = firewall_ruleset(SETTINGS)
    assert found["bans"] and [one["name"] for one in found["sets"]] == ["web_v4"]
    assert "ip saddr @web_v4 tcp dport 443" in [rule["match"] for rule in found["chains"][0]["rules"]]


def test_the_port_of_the_connection_is_handed_on() -> None:
    with pytest.raises(AnsibleFilterError, match="expected 2222 among them"):
        firewall_ruleset(SETTINGS, 2222)


def test_an_error_is_one_of_ansible() -> None:
    with pytest.raises(AnsibleFilterError, match=r"Did you mean 'web'"):
        firewall_ruleset({**SETTINGS, "ssh_from": ["wab"]})
