# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ipaddress

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import firewall_access
from ansible_collections.groundwork.fleet.plugins.module_utils.firewall_access import Connection
from hypothesis import given
from hypothesis import strategies as st


def entry(name, ports="22", addresses=None, action="accept"):
    return {"name": name, "action": action, "ports": ports, "addresses": addresses}


BANNED = entry("banned", "1-65535", ["203.0.113.0/24", "2001:db8:bad::/48"], "drop")
OFFICE = entry("office", "22", ["192.0.2.0/24", "2001:db8::/32"])
ENTRIES = [BANNED, OFFICE, entry("closed", "20-30", None, "reject")]
SERVER = "198.51.100.1"


@pytest.mark.parametrize(
    ("client", "port", "expected"),
    [
        ("192.0.2.7", 22, ("accept", "office")),
        ("2001:db8::7", 22, ("accept", "office")),
        ("::ffff:192.0.2.7", 22, ("accept", "office")),
        ("203.0.113.9", 22, ("drop", "banned")),
        ("2001:db8:bad::1", 22, ("drop", "banned")),
        ("198.51.100.7", 22, ("reject", "closed")),
        ("192.0.2.7", 30, ("reject", "closed")),
        ("192.0.2.7", 31, ("drop", "")),
        ("127.0.0.1", 22, ("accept", "loopback")),
        ("::1", 22, ("accept", "loopback")),
        (SERVER, 22, ("accept", "loopback")),
    ],
)
def test_the_first_entry_that_is_about_a_connection_decides(client, port, expected):
    assert firewall_access.verdict(ENTRIES, Connection(client, SERVER, port)) == expected


def test_the_refusal_names_the_connection_and_the_rule():
    text = firewall_access.refusal(ENTRIES, Connection("203.0.113.9", SERVER, 22))
    assert "connected from 203.0.113.9 to port 22: it would drop it by the rule 'banned'. Nothing was changed." in text
    assert "no rule accepts it" in firewall_access.refusal([OFFICE], Connection("203.0.113.9", SERVER, 22))
    assert firewall_access.refusal(ENTRIES, Connection("192.0.2.7", SERVER, 22)) == ""


@given(st.ip_addresses(), st.lists(st.ip_addresses(), max_size=4), st.integers(1, 65535))
def test_who_is_listed_gets_in_and_nobody_else(client, listed, port):
    entries = [entry("listed", str(port), [str(one) for one in listed])]
    mapped = getattr(client, "ipv4_mapped", None) or client
    inside = mapped in listed or mapped.is_loopback or mapped == ipaddress.ip_address(SERVER)
    connection = Connection(str(client), SERVER, port)
    assert (firewall_access.verdict(entries, connection)[0] == "accept") == inside
    assert (firewall_access.refusal(entries, connection) == "") == inside


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.7 50000 198.51.100.1 22", Connection("192.0.2.7", "198.51.100.1", 22)),
        ("fe80::1%eth0 50000 fe80::2%eth0 2222", Connection("fe80::1", "fe80::2", 2222)),
        ("", None),
        ("UNKNOWN 65535 UNKNOWN 65535", None),
        ("192.0.2.7 50000 198.51.100.1", None),
        ("192.0.2.7 50000 198.51.100.1 x", None),
    ],
)
def test_what_sshd_says_of_a_connection(text, expected):
    assert firewall_access.parse(text) == expected


@given(st.text(max_size=60))
def test_no_text_is_a_crash(text):
    firewall_access.parse(text)
