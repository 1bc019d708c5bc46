# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ipaddress
import re

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import firewall_sets
from hypothesis import given
from hypothesis import strategies as st

NAME = re.compile(r"[A-Za-z][A-Za-z0-9/_.-]*")  # a string of nftables' scanner


def elements(addresses):
    return {one.name: one.elements for one in firewall_sets.sets_of("web", firewall_sets.networks("x", addresses))}


def test_a_set_for_each_family_that_has_an_address():
    assert elements(["192.0.2.1", "2001:db8::1"]) == {"web_v4": ("192.0.2.1",), "web_v6": ("2001:db8::1",)}
    assert elements(["2001:db8::1"]) == {"web_v6": ("2001:db8::1",)}
    assert elements([]) == {}


def test_overlapping_and_neighbouring_blocks_are_joined():
    assert elements(["192.0.2.0/25", "192.0.2.128/25", "192.0.2.7"]) == {"web_v4": ("192.0.2.0/24",)}


@pytest.mark.parametrize("address", ["web-1.example.org", "192.0.2.1/24", "2001:db8::1/32", "300.1.1.1", "fe80::1%eth0", "", None])
def test_an_address_that_is_none_is_refused_by_the_name_of_its_source(address):
    with pytest.raises(BadInput, match=r"firewall_sources\['bad'\] is .*expected an IPv4 or IPv6 address"):
        firewall_sets.chosen("x", ["bad"], {"bad": [address]}, "Say it.")


def test_a_host_of_which_no_address_is_known_is_an_error_with_its_remedy():
    with pytest.raises(BadInput, match=r"firewall_sources\['web'\] is 'web-2'.*set fleet_address or a numeric ansible_host"):
        firewall_sets.chosen("x", ["web"], {"web": ["192.0.2.1", "web-2"]}, "Say it.")


def test_host_bits_come_with_what_may_be_meant():
    with pytest.raises(BadInput, match=r"host bits set: write 192\.0\.2\.0/24 for the block, or 192\.0\.2\.1 for the one address\.$"):
        firewall_sets.networks("x", ["192.0.2.1/24"])


def test_a_source_is_a_list():
    with pytest.raises(BadInput, match="expected a list of addresses"):
        firewall_sets.chosen("x", ["one"], {"one": "192.0.2.1"}, "Say it.")


def test_a_name_that_stands_twice_counts_once():
    assert len(firewall_sets.chosen("x", ["one", "one"], {"one": ["192.0.2.1"]}, "Say it.")) == 1


@pytest.mark.parametrize("name", ["web", "web-1", "db.example.org", "A_b"])
def test_a_plain_name_stays(name):
    assert firewall_sets.base_name(name) == name


@pytest.mark.parametrize("name", ["1st", "web server", "büro", "groundwork_banned", "a" * 200, "", 'x"; flush ruleset'])
def test_another_name_is_made_one_and_carries_a_hash(name):
    assert re.fullmatch(r"s_[A-Za-z0-9_.-]{0,60}_[0-9a-f]{8}", firewall_sets.base_name(name))


@given(st.text(max_size=150), st.text(max_size=150))
def test_names_are_names_of_nftables_and_no_two_sources_share_one(one, other):
    names = [firewall_sets.base_name(one), firewall_sets.base_name(other)]
    assert all(NAME.fullmatch(name) and not name.startswith(firewall_sets.OWN) for name in names)
    assert (names[0] == names[1]) == (one == other)


@given(st.lists(st.one_of(st.ip_addresses(), st.ip_addresses(v=4).map(lambda one: ipaddress.ip_network(f"{one}/20", strict=False)))))
def test_the_sets_hold_the_addresses_that_were_given(addresses):
    written = [ipaddress.ip_network(element) for found in elements([str(one) for one in addresses]).values() for element in found]
    for one in addresses:
        network = ipaddress.ip_network(one)
        assert any(network.version == block.version and network.subnet_of(block) for block in written)
