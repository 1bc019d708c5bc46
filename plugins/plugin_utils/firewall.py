# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the firewall lets in: from the services' ports and the named sources to one ordered list of nftables rules."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name

ANY = "any"
PROTOCOLS = ("tcp", "udp")
ACTIONS = ("accept", "drop", "reject")
OPTIONS = ("service", "name", "port", "protocol", "from", "action")
COMMENT_LIMIT = 120  # nftables keeps 128 bytes
PORT = re.compile(r"^(\d{1,5})(?:-(\d{1,5}))?$")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Rule = dict[str, str]

# What every host needs to be a part of a network; RFC 4890 (ICMPv6), RFC 8415 (DHCPv6).
ESSENTIAL: tuple[Rule, ...] = (
    {"match": "ct state vmap { established : accept, related : accept, invalid : drop }", "action": "", "comment": "known connections"},
    {"match": "iif lo", "action": "accept", "comment": "loopback"},
    {
        "match": "icmp type { destination-unreachable, echo-request, time-exceeded, parameter-problem }",
        "action": "accept",
        "comment": "icmp",
    },
    {
        "match": "icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem, echo-request, "
        "mld-listener-query, mld-listener-report, mld-listener-done, nd-router-solicit, nd-router-advert, nd-neighbor-solicit, "
        "nd-neighbor-advert, mld2-listener-report }",
        "action": "accept",
        "comment": "icmpv6",
    },
    {"match": "ip6 saddr fe80::/10 udp sport 547 udp dport 546", "action": "accept", "comment": "dhcpv6"},
)


def checked_port(where: str, value: Any) -> str:
    """Return a port or a range of ports as nftables writes it. Raises BadInput outside of 1 to 65535."""
    match = PORT.match(str(value)) if isinstance(value, (int, str)) and not isinstance(value, bool) else None
    bounds = [int(bound) for bound in match.groups() if bound] if match else []
    if not bounds or not all(1 <= bound <= 65535 for bound in bounds) or bounds != sorted(set(bounds)):
        raise bad_input(where, value, "a port from 1 to 65535 or a range such as 9100-9200", "Give the port that the service listens on.")
    return "-".join(str(bound) for bound in bounds)


def checked_choice(where: str, value: Any, choices: tuple[str, ...]) -> str:
    """Return `value` if it is one of `choices`, and raise BadInput otherwise."""
    if value not in choices:
        raise unknown_name("value", where, str(value), choices)
    return str(value)


def networks(where: str, addresses: Any) -> list[Network]:
    """Return addresses and CIDR blocks as networks. Raises BadInput for a host name or a block with host bits."""
    if not isinstance(addresses, (list, tuple)):
        raise bad_input(where, addresses, "a list of addresses", "Write it as a list, also for one address.")
    found: list[Network] = []
    for address in addresses:
        try:
            found.append(ipaddress.ip_network(str(address)))
        except ValueError as error:
            remedy = (
                f"{error}. Names are not resolved: a firewall must not depend on DNS. "
                "Is it a host of the inventory, set fleet_address or a numeric ansible_host for it."
            )
            raise bad_input(where, address, "an IPv4 or IPv6 address or a CIDR block", remedy) from error
    return found


def resolved(where: str, names: Any, sources: Mapping[str, Any]) -> list[Network] | None:
    """Return the networks of the named sources, None for `any`. Raises BadInput for an unknown name, with the nearest one."""
    if not isinstance(names, (list, tuple)) or not names:
        raise bad_input(where, names, "a list of names from firewall_sources, or [any]", "Say who may reach the port; there is no default.")
    found: list[Network] = []
    for name in names:
        if name == ANY:
            return None
        if name not in sources:
            raise unknown_name("source", where, str(name), [ANY, *sources])
        found += networks(f"firewall_sources[{name!r}]", sources[name])
    return found


def matches(found: list[Network] | None) -> list[str]:
    """Return the matches on the source address, one per address family that occurs. Overlapping blocks are joined."""
    if found is None:
        return [""]
    fourth = ipaddress.collapse_addresses(one for one in found if isinstance(one, ipaddress.IPv4Network))
    sixth = ipaddress.collapse_addresses(one for one in found if isinstance(one, ipaddress.IPv6Network))
    written = []
    for keyword, blocks in (("ip", fourth), ("ip6", sixth)):
        texts = [str(block.network_address) if block.num_addresses == 1 else str(block) for block in blocks]
        if texts:
            written.append(f"{keyword} saddr {{ {', '.join(texts)} }} ")
    return written


def comment_of(text: str) -> str:
    """Return `text` as it may stand in a comment of nftables."""
    return re.sub(r'[\\"\x00-\x1f]', "_", text)[:COMMENT_LIMIT]


def rules_of(where: str, item: Any, sources: Mapping[str, Any]) -> list[Rule]:
    """Return the rules of one item: one per address family; none where its sources have no address."""
    if not isinstance(item, Mapping):
        raise bad_input(where, item, "a mapping with port and from", "See firewall_services.")
    for name in item:
        if name not in OPTIONS:
            raise unknown_name("option", where, str(name), OPTIONS)
    if "port" not in item:
        raise bad_input(f"{where}.port", None, "the port that is opened", "Add it.")
    port = checked_port(f"{where}.port", item["port"])
    protocol = checked_choice(f"{where}.protocol", item.get("protocol") or "tcp", PROTOCOLS)
    action = checked_choice(f"{where}.action", item.get("action") or "accept", ACTIONS)
    names = item.get("from")
    addresses = resolved(f"{where}.from", names, sources)
    label = item.get("service") or item.get("name") or "rule"
    comment = comment_of(f"{label} {protocol} {port} from {', '.join(names or [])}")
    return [{"match": f"{match}{protocol} dport {port}", "action": action, "comment": comment} for match in matches(addresses)]


def refuse_lock_out(ssh_ports: Iterable[Any], connection_port: Any) -> None:
    """Raise BadInput where the port that this run is connected to would be closed. connection_port: nothing or 0 where it is not SSH."""
    port = int(connection_port or 0)
    ports = list(ssh_ports)
    if port and str(port) not in [str(one) for one in ports]:
        remedy = "It is the port of this connection (ansible_port): add it. Where it is forwarded to another port, list both."
        raise bad_input("firewall_ssh_ports", ports, f"{port} among them", remedy)


def rules(
    services: Iterable[Any],
    sources: Mapping[str, Any],
    extra: Iterable[Any] = (),
    ssh_ports: Iterable[Any] = (22,),
    ssh_from: Any = (ANY,),
    connection_port: Any = None,
) -> list[Rule]:
    """Return all rules of the input chain in their order: essentials, SSH, the extra rules, the services' ports.

    services, extra: items {service or name, port, protocol, from, action}. sources: name to list of addresses.
    connection_port: of the SSH connection in use. Raises BadInput naming the item that is wrong, and where nobody could reach SSH any more.
    """
    if ANY in sources:
        raise bad_input("firewall_sources", ANY, "names other than 'any'", "'any' stands for every address; rename yours.")
    ssh_from_addresses = matches(resolved("firewall_ssh_from", ssh_from, sources))
    ssh = [
        {"match": f"{match}tcp dport {checked_port('firewall_ssh_ports', port)}", "action": "accept", "comment": comment_of(f"ssh {port}")}
        for port in ssh_ports
        for match in ssh_from_addresses
    ]
    if not ssh:
        expected = "at least one port and one address from which SSH stays reachable"
        raise bad_input("firewall_ssh_from", ssh_from, expected, "You would lock yourself out.")
    refuse_lock_out(ssh_ports, connection_port)
    found = [*ESSENTIAL, *ssh]
    for number, item in enumerate(extra):
        found += rules_of(f"firewall_rules[{number}]", item, sources)
    for number, item in enumerate(services):
        found += rules_of(f"firewall_services[{number}]", item, sources)
    return found


def differences(expected: Iterable[Rule], listed: str) -> list[str]:
    """Compare what the kernel holds (`nft -j list table inet groundwork`) with the rules. Return sentences, none where it is the same."""
    if not listed.strip():
        return ["the table inet groundwork is not loaded"]
    items = json.loads(listed).get("nftables", [])
    chains = {item["chain"]["name"]: item["chain"] for item in items if "chain" in item}
    chain = chains.get("input")
    if chain is None:
        return ["the table inet groundwork has no chain input"]
    found = []
    if (chain.get("hook"), chain.get("policy")) != ("input", "drop"):
        found.append(f"the chain input has hook {chain.get('hook')} and policy {chain.get('policy')}, expected input and drop")
    if sorted(chains) != ["input"]:
        found.append(f"the table has the chains {', '.join(sorted(chains))}, expected input only")
    wanted = [rule["comment"] for rule in expected] + ["dropped"]
    loaded = [item["rule"].get("comment", "") for item in items if "rule" in item]
    found += [f"the rule {comment!r} is not loaded" for comment in wanted if comment not in loaded]
    found += [f"the rule {comment!r} is loaded but not declared" for comment in loaded if comment not in wanted]
    if not found and wanted != loaded:
        found.append("the rules are loaded in another order than declared")
    return found
