# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the firewall that is about to be loaded still lets in the SSH connection by which the host is being changed."""

from __future__ import annotations

import ipaddress
from typing import Any, Dict, List, NamedTuple, Optional, Tuple


class Connection(NamedTuple):
    """An SSH connection as the host sees it: the client's address, the host's own address and port."""

    client: str
    server: str
    port: int


def parse(text: str) -> Optional[Connection]:
    """Return what SSH_CONNECTION says ("client port server port", set by sshd), None where it says nothing of the kind."""
    words = text.split()
    if len(words) != 4 or not words[3].isdigit():
        return None
    client, server = words[0].partition("%")[0], words[2].partition("%")[0]
    try:
        ipaddress.ip_address(client)
        ipaddress.ip_address(server)
    except ValueError:
        return None
    return Connection(client, server, int(words[3]))


def plain_address(text: str) -> Any:
    """Return an address; one of IPv4 that is written as one of IPv6 (::ffff:192.0.2.1) is one of IPv4, as it is on the wire."""
    address = ipaddress.ip_address(text)
    return getattr(address, "ipv4_mapped", None) or address


def holds(entry: Dict[str, Any], address: Any, port: int) -> bool:
    """Tell whether an entry is about new connections from `address` to `port`."""
    low, _dash, high = str(entry["ports"]).partition("-")
    if not int(low) <= port <= int(high or low):
        return False
    if entry["addresses"] is None:
        return True
    blocks = [ipaddress.ip_network(str(block)) for block in entry["addresses"]]
    return any(address.version == block.version and address in block for block in blocks)


def verdict(entries: List[Dict[str, Any]], connection: Connection) -> Tuple[str, str]:
    """Return what becomes of a new connection like this one: accept, drop or reject, and the name of the entry that decides.

    entries: `{name, action, ports, addresses}` in their order; ports is a number or a range, addresses a list of addresses and blocks,
    or None for all. What no entry decides is dropped. Loopback is always accepted.
    """
    client, server = plain_address(connection.client), plain_address(connection.server)
    if client.is_loopback or client == server:
        return "accept", "loopback"
    for entry in entries:
        if holds(entry, client, connection.port):
            return str(entry["action"]), str(entry["name"])
    return "drop", ""


def refusal(entries: List[Dict[str, Any]], connection: Connection) -> str:
    """Return why this connection could not come about any more, empty where it could."""
    action, name = verdict(entries, connection)
    if action == "accept":
        return ""
    why = "it would %s it by the rule %r" % (action, name) if name else "no rule accepts it"
    return (
        "The firewall would lock out this run, which is connected from %s to port %d: %s. Nothing was changed. "
        "Add the address to a source of firewall_ssh_from and take it out of firewall_banned, or connect from elsewhere."
        % (connection.client, connection.port, why)
    )
