# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter import firewall_rules as plugin

firewall_rules = plugin.FilterModule().filters()["firewall_rules"]


def test_the_decision_is_given() -> None:
    assert (
        firewall_rules([{"service": "shop", "port": 443, "from": ["web"]}], {"web": ["192.0.2.1"]})[-1]["match"]
        == "ip saddr { 192.0.2.1 } tcp dport 443"
    )


def test_the_port_of_the_connection_is_handed_on() -> None:
    with pytest.raises(AnsibleFilterError, match="expected 2222 among them"):
        firewall_rules([], {}, connection_port=2222)


def test_an_error_is_one_of_ansible() -> None:
    with pytest.raises(AnsibleFilterError, match=r"Did you mean 'web'"):
        firewall_rules([{"service": "shop", "port": 443, "from": ["wab"]}], {"web": []})
