# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One declared port: from an item of the inventory to the rules and the sets of nftables that it amounts to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, refuse_unknown_options, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import firewall_limits
from ansible_collections.groundwork.fleet.plugins.plugin_utils.firewall_sets import ANY, FAMILIES, OWN, Set, base_name, chosen, family_of

PROTOCOLS = ("tcp", "udp", "sctp")
ACTIONS = ("accept", "drop", "reject")
OPTIONS = ("service", "name", "port", "protocol", "action")
COMMENT_LIMIT = 120  # nftables keeps 128 bytes
METER_SIZE = 65535  # sources whose rate is counted at the same time; where there are more, the newest are not limited
PORT = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")


@dataclass(frozen=True)
class Direction:
    """Where the peer of a connection stands. option: its name in an item, address: the field of the packet that is its address."""

    option: str
    address: str
    remedy: str


INBOUND = Direction("from", "saddr", "Say who may reach the port; there is no default.")
OUTBOUND = Direction("to", "daddr", "Say whom the host may reach; there is no default.")


@dataclass(frozen=True)
class Rule:
    """One rule. ports, addresses: what it says of a new connection by TCP, for a judgement without a kernel; no ports: nothing.

    addresses: those that it is about, None for all.
    """

    match: str
    action: str
    comment: str
    ports: str = ""
    addresses: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Part:
    """What an item amounts to."""

    rules: list[Rule] = field(default_factory=list)
    sets: list[Set] = field(default_factory=list)


def checked_port(where: str, value: Any) -> str:
    """Return a port or a range of ports as nftables writes it. Raises BadInput outside of 1 to 65535."""
    match = PORT.fullmatch(str(value)) if isinstance(value, (int, str)) and not isinstance(value, bool) else None
    bounds = [int(bound) for bound in match.groups() if bound] if match else []
    if not bounds or not all(1 <= bound <= 65535 for bound in bounds) or bounds != sorted(set(bounds)):
        raise bad_input(where, value, "a port from 1 to 65535 or a range such as 9100-9200", "Give the port that the service listens on.")
    return "-".join(str(bound) for bound in bounds)


def checked_choice(where: str, value: Any, choices: tuple[str, ...]) -> str:
    """Return `value` if it is one of `choices`, and raise BadInput otherwise."""
    if value not in choices:
        raise unknown_name("value", where, str(value), choices)
    return str(value)


def comment_of(text: str) -> str:
    """Return `text` as it may stand in a comment of nftables."""
    shown = re.sub(r'[\\"\x00-\x1f\x7f]', "_", text).encode()[:COMMENT_LIMIT]
    return shown.decode(errors="ignore").strip() or "_"


def peers(where: str, names: Any, sources: Mapping[str, Any], direction: Direction = INBOUND) -> list[tuple[str, Set | None]]:
    """Return the sets that `names` stand for, each with the name of its source; None stands for every address. Raises BadInput."""
    found = chosen(where, names, sources, direction.remedy)
    if found is None:
        return [(ANY, None)]
    return [(name, one) for name, sets in found for one in sets]


def on(one: Set | None, direction: Direction = INBOUND) -> str:
    """Return the match on the peer's address, with a space behind it; nothing for every address."""
    return f"{family_of(one).keyword} {direction.address} @{one.name} " if one else ""


def limiting(match: str, limit: firewall_limits.Limit, label: str, one: Set | None) -> Part:
    """Return what drops new connections of a source that opens more than `limit`: a rule and its set for each address family."""
    part = Part()
    for family in FAMILIES:
        if one is not None and family_of(one) != family:
            continue
        # An element keeps the limit that it was made with: another limit needs another set.
        name = base_name(f"{label}_{limit.count}_{limit.unit}_{limit.burst}".replace(" ", "_"))
        meter = Set(f"{OWN}rate_{name}_{family.suffix}", family.type, "dynamic,timeout", (), limit.memory, METER_SIZE)
        part.sets.append(meter)
        counted = f"{on(one)}{match} update @{meter.name} {{ {family.key} limit rate over {limit.text} }} counter"
        part.rules.append(Rule(counted, "drop", comment_of(f"{label} over {limit.count}/{limit.unit}")))
    return part


def checked_item(where: str, item: Any, direction: Direction) -> Mapping[str, Any]:
    """Return an item that is a mapping of known options with a port. Raises BadInput."""
    if not isinstance(item, Mapping):
        raise bad_input(where, item, f"a mapping with port and {direction.option}", "See firewall_services.")
    known = (*OPTIONS, direction.option, *(("rate", "burst") if direction is INBOUND else ()))
    refuse_unknown_options(where, item, known)
    if "port" not in item:
        raise bad_input(f"{where}.port", None, "the port that is opened", "Add it.")
    return item


def judgements(where: str, item: Mapping[str, Any], sources: Mapping[str, Any], direction: Direction) -> dict[str, Callable[[], Any]]:
    """Return option to the function that gives its value or raises BadInput, so that all that is wrong in an item can be told at once."""
    return {
        "port": partial(checked_port, f"{where}.port", item["port"]),
        "protocol": partial(checked_choice, f"{where}.protocol", item.get("protocol") or "tcp", PROTOCOLS),
        "action": partial(checked_choice, f"{where}.action", item.get("action") or "accept", ACTIONS),
        "rate": partial(firewall_limits.checked, f"{where}.rate", item.get("rate"), item.get("burst"), f"{where}.burst"),
        "peers": partial(peers, f"{where}.{direction.option}", item.get(direction.option), sources, direction),
    }


def part_of(where: str, given: Any, sources: Mapping[str, Any], direction: Direction = INBOUND) -> Part:
    """Return the rules and sets of one item: a rule for each set that its names stand for; none where these have no address."""
    item = checked_item(where, given, direction)
    found = {name: judge() for name, judge in judgements(where, item, sources, direction).items()}
    port, protocol, action, limit = found["port"], found["protocol"], found["action"], found["rate"]
    if limit and action != "accept":
        raise bad_input(f"{where}.rate", item["rate"], f"no rate where the action is {action}", "Only what is accepted can be limited.")
    label = f"{item.get('service') or item.get('name') or 'rule'} {protocol} {port}"
    part = Part()
    for name, one in found["peers"]:
        match = f"{protocol} dport {port}"
        if limit:
            limited = limiting(match, limit, label, one)
            part.rules.extend(limited.rules)
            part.sets.extend(limited.sets)
        comment = comment_of(f"{label} {direction.option} {name}")
        ports = port if protocol == "tcp" and direction is INBOUND else ""
        part.rules.append(Rule(on(one, direction) + match, action, comment, ports, one.elements if one else None))
        part.sets.extend([one] if one else [])
    return part
