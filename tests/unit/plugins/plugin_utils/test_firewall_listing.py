# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import firewall_listing

RULES = """table inet groundwork {
	set groundwork_rate_ssh_v4 {
		type ipv4_addr
		size 65535
		flags dynamic,timeout
		timeout 1m
		elements = { 192.0.2.9 limit rate over 5/second burst 100 packets expires 59s }
	}

	set web_v4 {
		type ipv4_addr
		flags interval
		elements = { 192.0.2.0/24, 198.51.100.7,
			198.51.100.9 }
	}

	chain input {
		type filter hook input priority filter; policy drop;
		iif "lo" accept comment "loopback"
		ip saddr @web_v4 tcp dport 443 accept comment "shop tcp 443 from web"
		counter comment "dropped"
	}
}
"""
BANS = """table inet groundwork_bans {
	set banned4 {
		type ipv4_addr
		flags interval,timeout
		elements = { 192.0.2.1 timeout 1h expires 59m }
	}

	set banned6 {
		type ipv6_addr
		flags interval,timeout
	}

	chain prerouting {
		type filter hook prerouting priority raw; policy accept;
		iif "lo" accept comment "loopback"
		ip saddr @banned4 counter drop comment "banned"
		ip6 saddr @banned6 counter drop comment "banned"
	}
}
"""
RULESET = {
    "bans": True,
    "sets": [
        {"name": "groundwork_rate_ssh_v4", "elements": []},
        {"name": "web_v4", "elements": ["192.0.2.0/24", "198.51.100.7", "198.51.100.9"]},
    ],
    "chains": [
        {
            "name": "input",
            "priority": "filter",
            "policy": "drop",
            "rules": [{"comment": "loopback"}, {"comment": "shop tcp 443 from web"}, {"comment": "dropped"}],
        }
    ],
}


def differences(old="", new="", reference=RULES + BANS, ruleset=RULESET):
    listed = RULES + BANS
    assert old in listed
    return firewall_listing.differences(listed.replace(old, new, 1) if old else listed, ruleset, reference)


@pytest.mark.parametrize("reference", [RULES + BANS, ""])
def test_what_is_loaded_as_declared_has_no_differences(reference):
    assert differences(reference=reference) == []


def test_elements_that_come_and_go_are_no_difference():
    assert differences("		elements = { 192.0.2.1 timeout 1h expires 59m }\n") == []
    assert differences("192.0.2.9 limit", "192.0.2.10 limit") == []


@pytest.mark.parametrize("reference", [RULES + BANS, ""])
@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("198.51.100.7", "198.51.100.8", "the set web_v4 lacks 198.51.100.7"),
        ("198.51.100.7", "198.51.100.8", "the set web_v4 holds 198.51.100.8, which was not declared"),
        ("set web_v4 {", "set wob_v4 {", "the set web_v4 is not loaded"),
        ("set web_v4 {", "set wob_v4 {", "the set wob_v4 is loaded but not declared"),
        (
            "policy drop;",
            "policy accept;",
            "the chain input is loaded with type filter hook input priority filter; policy accept, expected ",
        ),
        ("priority filter;", "priority filter + 10;", "the chain input is loaded with type filter hook input priority filter + 10; policy"),
        ('		counter comment "dropped"\n', "", "the rule 'dropped' of the chain input is not loaded"),
        ("	chain input {", "	chain other {\n	}\n	chain input {", "the chain other is loaded but not declared"),
        (
            "	chain input {",
            "	map m {\n		type ipv4_addr : verdict\n	}\n	chain input {",
            "the map m is loaded but not declared",
        ),
        (
            "	set groundwork",
            "	flags dormant\n	set groundwork",
            "the table inet groundwork is loaded with flags dormant, expected nothing",
        ),
        (
            "		counter comment",
            "		tcp dport 1 accept\n		counter comment",
            "the rule 'tcp dport 1 accept' of the chain input is loaded but not",
        ),
        ("	chain prerouting {", "	chain pre {", "the chain prerouting is not loaded"),
    ],
)
def test_a_difference_is_a_sentence(old, new, sentence, reference):
    assert any(one.startswith(sentence) for one in differences(old, new, reference))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "tcp dport 443",
            "tcp dport 1-65535",
            "the rule 'shop tcp 443 from web' of the chain input is loaded as 'ip saddr @web_v4 tcp dport 1-",
        ),
        ("size 65535", "size 1", "the set groundwork_rate_ssh_v4 is loaded with type ipv4_addr; size 1;"),
        ("ip saddr @banned4 counter drop", "ip saddr @banned4 counter", "the rule 'banned' of the chain prerouting is loaded as"),
    ],
)
def test_with_a_reference_every_word_counts(old, new, sentence):
    (found,) = differences(old, new)
    assert found.startswith(sentence)


@pytest.mark.parametrize("reference", [RULES + BANS, ""])
def test_the_order_of_the_rules_counts(reference):
    first, second = [line for line in RULES.splitlines(keepends=True) if " accept comment " in line]
    assert differences(first + second, second + first, reference) == [
        "the rules of the chain input are loaded in another order than declared"
    ]


@pytest.mark.parametrize("listed", ["", "\n"])
def test_tables_that_are_not_loaded(listed):
    assert firewall_listing.differences(listed, RULESET) == [
        "the table inet groundwork is not loaded",
        "the table inet groundwork_bans is not loaded",
    ]


@pytest.mark.parametrize("reference", [RULES, ""])
def test_bans_that_are_not_declared(reference):
    found = firewall_listing.differences(RULES + BANS, {**RULESET, "bans": False}, reference)
    assert found == ["the table inet groundwork_bans is loaded but not declared"]


def test_a_rule_that_stands_twice_is_a_difference():
    line = '		counter comment "dropped"\n'
    assert differences(line, line * 2) == ["the rule 'dropped' of the chain input is loaded but not declared"]
