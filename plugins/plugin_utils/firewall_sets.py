# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Named sets of addresses: from a source of the inventory to the sets that rules of nftables refer to."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name

ANY = "any"
OWN = "groundwork_"  # begins the names of the sets that are of no source
PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,99}")  # what nftables takes as a name without quotes

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Family(NamedTuple):
    """An address family, in the words of nftables. key: what a rate is counted by; a subscriber has a whole /64 of IPv6."""

    suffix: str
    keyword: str
    type: str
    version: int
    key: str


FAMILIES = (
    Family("v4", "ip", "ipv4_addr", 4, "ip saddr"),
    Family("v6", "ip6", "ipv6_addr", 6, "ip6 saddr and ffff:ffff:ffff:ffff::"),
)


@dataclass(frozen=True)
class Set:
    """A named set. timeout: seconds after which an element goes, 0 for never; size: how many elements it takes, 0 for no bound."""

    name: str
    type: str
    flags: str
    elements: tuple[str, ...] = ()
    timeout: int = 0
    size: int = 0


def networks(where: str, addresses: Any) -> list[Network]:
    """Return addresses and CIDR blocks as networks. Raises BadInput for a host name or a block with host bits."""
    if not isinstance(addresses, (list, tuple)):
        raise bad_input(where, addresses, "a list of addresses", "Write it as a list, also for one address.")
    found: list[Network] = []
    for address in addresses:
        try:
            if "%" in str(address):
                raise ValueError("A zone (%) means something on one host only")
            found.append(ipaddress.ip_network(str(address)))
        except ValueError as error:
            raise bad_input(where, address, "an IPv4 or IPv6 address or a CIDR block", remedy_of(str(address), error)) from None
    return found


def remedy_of(address: str, error: ValueError) -> str:
    """Return what to do about an address that is none."""
    try:
        meant = ipaddress.ip_network(address, strict=False)
    except ValueError:
        return (
            f"{error}. Names are not resolved: a firewall must not depend on DNS. "
            "Is it a host of the inventory, set fleet_address or a numeric ansible_host for it."
        )
    if "%" in address:
        return f"{error}: leave it out."
    return f"{error}: write {meant} for the block, or {address.partition('/')[0]} for the one address."


def texts(found: Iterable[Network], family: Family) -> tuple[str, ...]:
    """Return the networks of one family as nftables writes them, overlapping ones joined."""
    known = list(found)
    blocks: list[Network]
    if family.version == 4:
        blocks = [*ipaddress.collapse_addresses(one for one in known if isinstance(one, ipaddress.IPv4Network))]
    else:
        blocks = [*ipaddress.collapse_addresses(one for one in known if isinstance(one, ipaddress.IPv6Network))]
    return tuple(str(block.network_address) if block.num_addresses == 1 else str(block) for block in blocks)


def base_name(source: str) -> str:
    """Return the name of a source as nftables takes it; one that had to be changed carries a hash, so that no two become one."""
    if PLAIN.fullmatch(source) and not source.startswith(OWN):
        return source
    return f"s_{re.sub('[^A-Za-z0-9_.-]', '_', source)[:60]}_{hashlib.sha256(source.encode()).hexdigest()[:8]}"


def sets_of(name: str, found: Iterable[Network]) -> list[Set]:
    """Return the sets `<name>_v4` and `<name>_v6`, those that have an address."""
    known = list(found)
    sets = [Set(f"{name}_{family.suffix}", family.type, "interval", texts(known, family)) for family in FAMILIES]
    return [one for one in sets if one.elements]


def family_of(one: Set) -> Family:
    """Return the address family of a set."""
    return next(family for family in FAMILIES if family.type == one.type)


def chosen(where: str, names: Any, sources: Mapping[str, Any], remedy: str) -> list[tuple[str, list[Set]]] | None:
    """Return the named sources with their sets, None for `any`. Raises BadInput for an unknown name, with the nearest one."""
    if not isinstance(names, (list, tuple)) or not names:
        raise bad_input(where, names, "a list of names from firewall_sources, or [any]", remedy)
    for name in names:
        if name != ANY and name not in sources:
            raise unknown_name("source", where, str(name), [ANY, *sources])
    if ANY in names:
        return None
    return [
        (str(name), sets_of(base_name(str(name)), networks(f"firewall_sources[{name!r}]", sources[name]))) for name in dict.fromkeys(names)
    ]
