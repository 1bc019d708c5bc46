# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The firewall of a host: from its settings to one ordered ruleset of nftables, and what that means for the connection in use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, refuse_unknown_options
from ansible_collections.groundwork.fleet.plugins.plugin_utils import firewall_limits
from ansible_collections.groundwork.fleet.plugins.plugin_utils.firewall_rules import (
    INBOUND,
    OUTBOUND,
    Part,
    Rule,
    checked_port,
    comment_of,
    limiting,
    on,
    part_of,
    peers,
)
from ansible_collections.groundwork.fleet.plugins.plugin_utils.firewall_sets import ANY, OWN, Set, networks, sets_of

BANNED = OWN + "banned"
LOG_BURST = 10
PREFIX_LIMIT = 90  # bytes; the kernel keeps 127 together with the direction

# What every host needs to be a part of a network; RFC 4890 (ICMPv6), RFC 8415 (DHCPv6).
ESSENTIAL = (
    Rule("ct state vmap { established : accept, related : accept, invalid : drop }", "", "known connections"),
    Rule("iif lo", "accept", "loopback"),
    Rule("icmp type { destination-unreachable, echo-request, time-exceeded, parameter-problem }", "accept", "icmp"),
    Rule(
        "icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem, echo-request, "
        "mld-listener-query, mld-listener-report, mld-listener-done, nd-router-solicit, nd-router-advert, nd-neighbor-solicit, "
        "nd-neighbor-advert, mld2-listener-report }",
        "accept",
        "icmpv6",
    ),
    Rule("ip6 saddr fe80::/10 udp sport 547 udp dport 546", "accept", "dhcpv6"),
)
ESSENTIAL_OUTBOUND = (
    Rule("ct state { established, related }", "accept", "known connections"),
    Rule("oif lo", "accept", "loopback"),
    # A connection that is older than the table is known only after its next packet. Without SYN none comes about.
    Rule("tcp flags & syn == 0", "accept", "connections older than this table"),
    # Protocols as numbers: a minimal image has no /etc/protocols.
    Rule("meta l4proto { 1, 2, 58 }", "accept", "icmp, igmp, icmpv6"),
    Rule("meta l4proto { 6, 17 } th dport 53", "accept", "dns"),
    Rule("udp dport 123", "accept", "ntp"),
    Rule("tcp dport 4460", "accept", "nts"),
    Rule("udp sport 68 udp dport 67", "accept", "dhcp"),
    Rule("udp sport 546 udp dport 547", "accept", "dhcpv6"),
)
UNADDRESSED = Rule("meta pkttype { broadcast, multicast } counter", "drop", "dropped, not addressed to this host")
DROPPED = Rule("counter", "", "dropped")
REJECTED = Rule("counter", "reject with icmpx type admin-prohibited", "rejected")  # a program is told, not left to wait for minutes


@dataclass(frozen=True)
class Chain:
    """A base chain; its name is that of its hook."""

    name: str
    priority: str
    policy: str
    rules: list[Rule]


def ssh_part(settings: Mapping[str, Any]) -> Part:
    """Return what keeps SSH open. Raises BadInput where nobody could reach it any more."""
    ports = [checked_port("firewall_ssh_ports", port) for port in settings["ssh_ports"]]
    allowed = peers("firewall_ssh_from", settings["ssh_from"], settings["sources"])
    if not ports or not allowed:
        expected = "at least one port and one address from which SSH stays reachable"
        raise bad_input("firewall_ssh_from", settings["ssh_from"], expected, "You would lock yourself out.")
    listed = ports[0] if len(ports) == 1 else f"{{ {', '.join(ports)} }}"
    limit = firewall_limits.checked_ssh(settings["ssh_rate"], settings["ssh_burst"])
    part = limiting(f"tcp dport {listed}", limit, "ssh", None) if limit else Part()
    for port in ports:
        for name, one in allowed:
            comment = comment_of(f"ssh {port} from {name}")
            part.rules.append(Rule(f"{on(one)}tcp dport {port}", "accept", comment, port, one.elements if one else None))
    part.sets.extend(one for _name, one in allowed if one)
    return part


def refuse_lock_out(ssh_ports: Iterable[Any], connection_port: Any) -> None:
    """Raise BadInput where the port that this run is connected to would be closed. connection_port: nothing or 0 where it is not SSH."""
    port = int(connection_port or 0)
    ports = list(ssh_ports)
    if port and str(port) not in [str(one) for one in ports]:
        remedy = "It is the port of this connection (ansible_port): add it. Where it is forwarded to another port, list both."
        raise bad_input("firewall_ssh_ports", ports, f"{port} among them", remedy)


def logging(settings: Mapping[str, Any], direction: str) -> list[Rule]:
    """Return the rule that logs what no rule accepted, none where that is switched off. Raises BadInput."""
    prefix, rate = settings["log_prefix"], firewall_limits.checked("firewall_log_rate", settings["log_rate"])
    if comment_of(prefix) != prefix.strip() or not prefix.strip() or len(prefix.encode()) > PREFIX_LIMIT:
        expected = f"1 to {PREFIX_LIMIT} bytes without quotes, backslashes and control characters"
        raise bad_input("firewall_log_prefix", prefix, expected, "It begins each line that is logged.")
    if not settings["log_drops"]:
        return []
    limited = f"limit rate {rate.count}/{rate.unit} burst {LOG_BURST} packets " if rate else ""
    return [Rule(f'{limited}counter log prefix "{prefix.strip()} {direction}: "', "", "log")]


def items(name: str, settings: Mapping[str, Any], direction: Any = INBOUND) -> Part:
    """Return the rules and sets of a list of items, `firewall_<name>`."""
    whole = Part()
    for number, item in enumerate(settings[name]):
        part = part_of(f"firewall_{name}[{number}]", item, settings["sources"], direction)
        whole.rules.extend(part.rules)
        whole.sets.extend(part.sets)
    return whole


def banned_part(settings: Mapping[str, Any]) -> Part:
    """Return what drops the addresses of `firewall_banned` before anything else looks at them."""
    sets = sets_of(BANNED, networks("firewall_banned", settings["banned"]))
    if not sets:
        return Part()
    drops = [Rule(f"{on(one)}counter", "drop", "banned by firewall_banned", "1-65535", one.elements) for one in sets]
    return Part([Rule("iif lo", "accept", "loopback"), *drops], sets)


def outbound_part(settings: Mapping[str, Any]) -> Part | None:
    """Return what may go out, None where everything may."""
    if settings.get("outbound") is None:
        return None
    parts = [items("outbound", settings, OUTBOUND), items("outbound_services", settings, OUTBOUND)]
    rules = [*ESSENTIAL_OUTBOUND, *parts[0].rules, *parts[1].rules, *logging(settings, "out"), REJECTED]
    return Part(rules, [*parts[0].sets, *parts[1].sets])


def reached(declared: Any) -> dict[str, dict[str, Any]]:
    """Return the health checks that prove that the host still reaches what it must. Raises BadInput."""
    checks = {}
    for name, target in declared.items():
        where = f"firewall_must_reach[{name!r}]"
        if not isinstance(target, Mapping) or not target.get("host"):
            raise bad_input(where, target, "a mapping with host and port", "Write {host: mirror.example.org, port: 443}.")
        refuse_unknown_options(where, target, ("host", "port"))
        port = int(checked_port(f"{where}.port", target.get("port")).partition("-")[0])
        checks[str(name)] = {"tcp": {"host": str(target["host"]), "port": port}, "retries": 2, "delay": 1}
    return checks


def access(parts: Iterable[Part]) -> list[dict[str, Any]]:
    """Return what the rules say of a new connection by TCP, in their order, for the step `firewall_access`."""
    said = [rule for part in parts for rule in part.rules if rule.ports]
    return [
        {
            "name": rule.comment,
            "action": rule.action,
            "ports": rule.ports,
            "addresses": None if rule.addresses is None else [*rule.addresses],
        }
        for rule in said
    ]


def ruleset(settings: Mapping[str, Any], connection_port: Any = None) -> dict[str, Any]:
    """Return the whole ruleset of a host: `sets`, `chains`, `bans`, and `access` and `reach`, which prove it.

    settings: those of the role. connection_port: of the SSH connection in use. Raises BadInput naming the item that is wrong, and
    where nobody could reach SSH any more.
    """
    if ANY in settings["sources"]:
        raise bad_input("firewall_sources", ANY, "names other than 'any'", "'any' stands for every address; rename yours.")
    banned, ssh = banned_part(settings), ssh_part(settings)
    refuse_lock_out(settings["ssh_ports"], connection_port)
    extra, services, outbound = items("rules", settings), items("services", settings), outbound_part(settings)
    inbound = [*ESSENTIAL, *ssh.rules, *extra.rules, *services.rules, UNADDRESSED, *logging(settings, "in"), DROPPED]
    chains = [Chain("input", "filter", "drop", inbound)]
    if banned.rules:
        chains.insert(0, Chain("prerouting", "raw", "accept", banned.rules))
    if outbound:
        chains.append(Chain("output", "filter", "drop", outbound.rules))
    parts = [banned, ssh, extra, services, *([outbound] if outbound else [])]
    sets: dict[str, Set] = {one.name: one for part in parts for one in part.sets}
    return {
        "sets": [plain(sets[name]) for name in sorted(sets)],
        "chains": [plain(chain) for chain in chains],
        "bans": bool(settings["bans"]),
        "access": access([banned, ssh, extra, services]),
        "reach": reached(settings["must_reach"]),
    }


def plain(value: Any) -> dict[str, Any]:
    """Return a set or a chain as a template takes it."""
    found = asdict(value)
    if "elements" in found:
        found["elements"] = [*found["elements"]]
    if "rules" in found:
        found["rules"] = [{key: rule[key] for key in ("match", "action", "comment")} for rule in found["rules"]]
    return found
