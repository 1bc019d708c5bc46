# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is where in the fleet: what playbooks tell one host's roles about the other hosts."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

LOG_PORT = 6514
NTP_PORT = 123

Hosts = Mapping[str, Mapping[str, Any]]
Groups = Mapping[str, Iterable[str]]


def is_address(text: object) -> bool:
    """Tell whether `text` is an IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(str(text))
    except ValueError:
        return False
    return True


def addresses(host: Mapping[str, Any]) -> list[str]:
    """Return the addresses of a host: those of the inventory; those of its facts only where the inventory gives none.

    So what is made of them does not depend on which hosts a run reaches (`--limit`, a host that is down).
    """
    facts = host.get("ansible_facts") or {}
    named = [host.get("fleet_address"), host.get("ansible_host") or host.get("inventory_hostname")]
    gathered = [(facts.get(family) or {}).get("address") for family in ("default_ipv4", "default_ipv6")]
    return usable(named) or usable(gathered)


def usable(candidates: Iterable[object]) -> list[str]:
    """Return what is an address by which others know a host: no names, no loopback, each once."""
    found = [str(one) for one in candidates if is_address(one)]
    return list(dict.fromkeys(one for one in found if not ipaddress.ip_address(one).is_loopback))


def reached_at(name: str, host: Mapping[str, Any]) -> str:
    """Return the name or address under which the other hosts reach this one; an address where one is known."""
    declared = host.get("fleet_address")
    if declared:
        return str(declared)
    found = addresses(host)
    return found[0] if found else str(host.get("ansible_host") or name)


def sources(hosts: Hosts, groups: Groups) -> dict[str, list[str]]:
    """Return for each host and each group its addresses, for the firewall's `from`.

    A host without one stands under its name, which the firewall refuses where it is used: left out, its rules would vanish silently.
    """
    by_host = {name: addresses(hosts[name]) or [name] for name in groups.get("all", ())}
    by_group = {group: list(dict.fromkeys(one for name in names for one in by_host.get(name, []))) for group, names in groups.items()}
    return {**by_host, **by_group}


def log_servers(names: Iterable[str], hosts: Hosts) -> list[dict[str, Any]]:
    """Return the log servers as `log_shipping_servers` takes them."""
    return [{"host": reached_at(name, hosts[name]), "port": LOG_PORT, "name": name} for name in names]


def canaries(hosts: Hosts, directory: str) -> dict[str, dict[str, Any]]:
    """Return a check for each host that wrote a canary line in this run: the log server holds the line."""
    written = {name: host.get("__log_shipping_canary") for name, host in hosts.items()}
    return {
        f"log line of {name}": {
            "file": {"path": f"{directory}/{name}/groundwork-canary.log", "contains": canary},
            "retries": 30,
            "delay": 1,
        }
        for name, canary in written.items()
        if canary
    }


def open_ports(
    services: Iterable[Mapping[str, Any]], targets: Iterable[Mapping[str, Any]], name: str, groups: Groups
) -> list[dict[str, Any]]:
    """Return what the firewall of host `name` lets in, as `firewall_services` takes it.

    services: the ports facet. targets: the scrape targets of the whole fleet; those on this host are open to the monitoring hosts.
    """
    items = [dict(item) for item in services]
    if groups.get("monitoring"):
        mine = [target for target in targets if target["host"] == name]
        items += [{"service": f"exporter {target['exporter']}", "port": target["port"], "from": ["monitoring"]} for target in mine]
    if name in groups.get("log_servers", ()):
        items.append({"service": "log_server", "port": LOG_PORT, "from": ["all"]})
    if name in groups.get("time_servers", ()):
        items.append({"service": "time_sync", "port": NTP_PORT, "protocol": "udp", "from": ["all"]})
    return items
