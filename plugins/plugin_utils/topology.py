# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is where in the fleet: what playbooks tell one host's roles about the other hosts."""

from __future__ import annotations

import ipaddress
import json
import socket
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils.health_plan import endpoint_ports
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_types import LOG_SERVERS

LOG_PORT = 6514  # syslog over TLS
RELP_PORT = 2514  # RELP over TLS, which log_shipping speaks
NTP_PORT = 123
#: What monitoring hosts open to each other where there are several: Prometheus, Alertmanager, and its cluster over TCP and UDP.
MONITORING_PORTS = ((9090, "tcp"), (9093, "tcp"), (9094, "tcp"), (9094, "udp"))

Hosts = Mapping[str, Mapping[str, Any]]
Groups = Mapping[str, Iterable[str]]


def is_address(text: object) -> bool:
    """Tell whether `text` is an IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(str(text))
    except ValueError:
        return False
    return True


def resolved(name: object) -> list[str]:
    """Return the addresses that the controller's own resolver knows of a name, the one that SSH connects by."""
    try:
        found = socket.getaddrinfo(str(name), None, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return [str(one[4][0]) for one in found]


def known_addresses(host: Mapping[str, Any]) -> list[str]:
    """Return the addresses that the inventory gives a host; where it gives none, those of its facts."""
    facts = host.get("ansible_facts") or {}
    named = [host.get("fleet_address"), host.get("ansible_host") or host.get("inventory_hostname")]
    gathered = [(facts.get(family) or {}).get("address") for family in ("default_ipv4", "default_ipv6")]
    return usable(named) or usable(gathered)


def addresses(host: Mapping[str, Any], resolve: Callable[[object], list[str]] | None = None) -> list[str]:
    """Return the addresses of a host: those that are known, or those that its name resolves to.

    So what is made of them does not depend on which hosts a run reaches (`--limit`, a host that is down).
    """
    name = host.get("ansible_host") or host.get("inventory_hostname")
    found = known_addresses(host)
    return found if found or not name or is_address(name) else usable((resolve or resolved)(name))


def usable(candidates: Iterable[object]) -> list[str]:
    """Return what is an address by which others know a host: no names, no loopback, each once."""
    found = [str(one) for one in candidates if is_address(one)]
    return list(dict.fromkeys(one for one in found if not ipaddress.ip_address(one).is_loopback))


def reached_at(name: str, host: Mapping[str, Any]) -> str:
    """Return the name or address under which the other hosts reach this one; an address where one is known."""
    declared = host.get("fleet_address")
    if declared:
        return str(declared)
    found = known_addresses(host)  # a name stays a name here: it is resolved by whoever connects
    return found[0] if found else str(host.get("ansible_host") or name)


def sources(hosts: Hosts, groups: Groups, resolve: Callable[[object], list[str]] | None = None) -> dict[str, list[str]]:
    """Return for each host and each group its addresses, for the firewall's `from`.

    A host without one, and a group of such hosts alone, stand under their names: the firewall refuses these where they are used.
    In a group with others it is passed over, so that one host that does not exist costs the others nothing.
    """
    known = {name: addresses(hosts[name], resolve) for name in groups.get("all", ())}
    by_group = {}
    for group, names in groups.items():
        members = list(names)
        found = list(dict.fromkeys(one for name in members for one in known.get(name, [])))
        by_group[group] = found or members
    return {**{name: found or [name] for name, found in known.items()}, **by_group}


def log_servers(names: Iterable[str], hosts: Hosts) -> list[dict[str, Any]]:
    """Return the log servers as `log_shipping_servers` takes them."""
    return [{"host": reached_at(name, hosts[name]), "port": RELP_PORT, "name": name} for name in names]


def time_servers(names: Iterable[str], hosts: Hosts, own: str) -> list[dict[str, Any]]:
    """Return the time servers that the host `own` asks, as `time_sync_fleet_servers` takes them."""
    return [{"name": name, "address": reached_at(name, hosts[name])} for name in names if name != own]


def canaries(hosts: Hosts, server: str | None = None) -> dict[str, str]:
    """Return the text of the canary line of each host that wrote one in this run, and sends to the log servers.

    server: only of those that send to this log server, every one by default.
    """
    wrote = {name: host for name, host in hosts.items() if host.get("__log_shipping_canary") and _sends_to_log_servers(host)}
    return {name: str(host["__log_shipping_canary"]) for name, host in wrote.items() if server is None or _sends_to(host) in (None, server)}


def _sends_to_log_servers(host: Mapping[str, Any]) -> bool:
    """Return whether a host has not taken the log servers out of its outputs."""
    return ((host.get("fleet_logs") or {}).get("outputs") or {}).get(LOG_SERVERS, {}) is not None


def _sends_to(host: Mapping[str, Any]) -> str | None:
    """Return the log server that a host sends to where it sends to one alone, as its role was told."""
    step = ((host.get("__log_shipping_run") or {}).get("results") or {}).get("canary") or {}
    said = ((step.get("commands") or {}).get("servers") or {}).get("stdout") or "{}"
    found = json.loads(said).get(LOG_SERVERS)
    return None if found is None else str(found)


def open_ports(
    services: Iterable[Mapping[str, Any]], targets: Iterable[Mapping[str, Any]], name: str, groups: Groups, endpoint: object = None
) -> list[dict[str, Any]]:
    """Return what the firewall of host `name` lets in, as `firewall_services` takes it.

    services: the ports facet. targets: the scrape targets of the whole fleet; those on this host are open to the monitoring hosts.
    endpoint: the host's `health_endpoint`.
    """
    items = [dict(item) for item in services]
    if groups.get("monitoring"):
        mine = [target for target in targets if target["host"] == name]
        items += [{"service": f"exporter {target['exporter']}", "port": target["port"], "from": ["monitoring"]} for target in mine]
        if name in groups["monitoring"] and len(list(groups["monitoring"])) > 1:
            items += [{"service": "monitoring", "port": port, "protocol": kind, "from": ["monitoring"]} for port, kind in MONITORING_PORTS]
    items += endpoint_ports(endpoint or {}, groups)
    if name in groups.get("log_servers", ()):
        items += [{"service": "log_server", "port": port, "from": ["all"]} for port in (LOG_PORT, RELP_PORT)]
    if name in groups.get("time_servers", ()):
        items.append({"service": "time_sync", "port": NTP_PORT, "protocol": "udp", "from": ["all"]})
    return items


def outbound_ports(targets: Iterable[Mapping[str, Any]], name: str, groups: Groups) -> list[dict[str, Any]]:
    """Return what the fleet's parts on host `name` have to reach, as `firewall_outbound_services` takes it.

    targets: the scrape targets of the whole fleet; a monitoring host reaches them all. NTP is free for every host.
    """
    items: list[dict[str, Any]] = []
    if groups.get("log_servers"):
        items.append({"service": "log_shipping", "port": RELP_PORT, "to": ["log_servers"]})
    if name in groups.get("monitoring", ()):
        others: dict[Any, list[str]] = {}
        for target in targets:
            if target["host"] != name and target["host"] not in others.setdefault(target["port"], []):
                others[target["port"]].append(target["host"])
        items += [{"service": "scrape", "port": port, "to": hosts} for port, hosts in others.items() if hosts]
        if len(list(groups["monitoring"])) > 1:
            items += [{"service": "monitoring", "port": port, "protocol": kind, "to": ["monitoring"]} for port, kind in MONITORING_PORTS]
    return items
