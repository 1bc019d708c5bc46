# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ipaddress

from lab import fleet

SUBNET = ipaddress.IPv4Network("10.157.7.0/24")


def bridge(name: str, *addresses: str) -> dict:
    return {"ifname": name, "addr_info": [{"local": one} for one in addresses]}


def test_only_a_bridge_of_the_subnet_that_no_network_has_is_forgotten():
    links = [
        bridge("br-5c5bfcace172", "10.157.7.1"),
        bridge("br-aaaaaaaaaaaa", "10.157.7.1"),
        bridge("br-bbbbbbbbbbbb", "10.157.8.1"),
        bridge("docker0", "172.17.0.1"),
        bridge("office", "10.157.7.2"),
        bridge("br-cccccccccccc"),
        {},
    ]
    assert fleet.forgotten_bridges(links, SUBNET, ["aaaaaaaaaaaa" + "0" * 52]) == ["br-5c5bfcace172"]
    assert fleet.forgotten_bridges([], SUBNET, []) == []


def test_the_rules_of_a_bridge_are_deleted_as_they_were_appended():
    masquerade = "POSTROUTING -s 10.157.7.0/24 ! -o br-5c5bfcace172 -j MASQUERADE"
    listing = f"-P POSTROUTING ACCEPT\n-A {masquerade}\n-A DOCKER -i br-53ed79a69279 -j RETURN\n"
    assert fleet.rules_of("br-5c5bfcace172", listing) == [["-D", *masquerade.split()]]
