# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that is wrong with the firewall of a host, as far as the inventory tells, found by the functions that make its ruleset."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import told
from ansible_collections.groundwork.fleet.plugins.plugin_utils import firewall, firewall_limits, firewall_rules, firewall_sets, hardening

#: Stands for the addresses of hosts and groups, which the run finds out (RFC 5737: an address of nobody).
SOMEWHERE = ("192.0.2.1",)
LISTS = (
    ("rules", firewall_rules.INBOUND),
    ("services", firewall_rules.INBOUND),
    ("outbound", firewall_rules.OUTBOUND),
    ("outbound_services", firewall_rules.OUTBOUND),
)


def item_problems(
    where: str, item: Any, sources: Mapping[str, Any], direction: firewall_rules.Direction = firewall_rules.INBOUND
) -> Iterator[str]:
    """Yield everything that is wrong with one item, not only the first."""
    found = list(told(partial(firewall_rules.checked_item, where, item, direction)))
    if not found:
        every = firewall_rules.judgements(where, item, sources, direction).values()
        found = [problem for judge in every for problem in told(judge)]
    yield from found or told(partial(firewall_rules.part_of, where, item, sources, direction))


def sources_of(networks: object, names: Iterable[str]) -> dict[str, Any]:
    """Return who may be named, as `firewall_sources`. networks: `fleet_networks`. names: hosts, groups and other names.

    A network that is wrong, which is told elsewhere, stands somewhere.
    """
    found: dict[str, Any] = {}
    for name, addresses in networks.items() if isinstance(networks, Mapping) else ():
        wrong = any(told(partial(firewall_sets.networks, "fleet_networks", addresses)))
        found[str(name)] = SOMEWHERE if wrong else addresses
    return {**found, **dict.fromkeys(names, SOMEWHERE)}


def connection_port(connection: object, port: object) -> object:
    """Return the port of the connection, 0 where it is not SSH. connection: ansible_connection, port: ansible_port, where set."""
    return (port or 22) if (connection or "ssh") in hardening.SSH_CONNECTIONS else 0


def problems(settings: Mapping[str, Any], port: object) -> list[str]:
    """Return everything that is wrong. settings: of the role, with the `sources` of `sources_of`. port: see `connection_port`."""
    found: list[str] = []
    for name, direction in LISTS:
        for number, item in enumerate(settings.get(name) or ()):
            found.extend(item_problems(f"firewall_{name}[{number}]", item, settings["sources"], direction))
    checks: list[Callable[[], object]] = [
        *(partial(firewall_rules.checked_port, "firewall_ssh_ports", one) for one in settings["ssh_ports"]),
        partial(firewall_rules.peers, "firewall_ssh_from", settings["ssh_from"], settings["sources"]),
        partial(firewall_limits.checked_ssh, settings["ssh_rate"], settings["ssh_burst"]),
        *(partial(firewall_sets.networks, "firewall_banned", [one]) for one in settings["banned"]),
        partial(firewall.logging, settings, "in"),
        *(partial(firewall.reached, {name: target}) for name, target in settings["must_reach"].items()),
        partial(firewall.refuse_lock_out, settings["ssh_ports"], port),
    ]
    found.extend(problem for check in checks for problem in told(check))
    return found or list(told(partial(firewall.ruleset, settings, port)))
