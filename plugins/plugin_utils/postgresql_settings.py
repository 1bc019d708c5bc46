# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of PostgreSQL: what follows from the memory of a host, and who may log in from where."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name

SMALLEST_MB = 256
#: Connection type to the methods that make sense over it. `trust`, `password`, `md5` and `ident` are not among them:
#: each lets somebody in who is not proven.
METHODS = {
    "local": ("peer", "scram-sha-256", "reject"),
    "host": ("scram-sha-256", "gss", "ldap", "radius", "reject"),
    "hostssl": ("scram-sha-256", "cert", "gss", "ldap", "radius", "reject"),
    "hostnossl": ("reject",),
}
RULE_KEYS = ("type", "database", "user", "address", "method", "options")
KEYWORDS = ("all", "sameuser", "samerole", "replication", "samehost", "samenet")
HEALTH_ROLE = "groundwork_health"
MAP = "groundwork"


def tuned(memory_mb: int, connections: int = 100, storage: str = "ssd") -> dict[str, str]:
    """Return the settings that follow from how much memory (MB) the server may use.

    connections: max_connections. storage: ssd or disk.
    By the documentation of PostgreSQL 17, chapters 19.4 (Resource Consumption), 19.5 (Write Ahead Log) and 19.7 (Query Planning):
    shared_buffers: a quarter of the memory, less where it is under 1 GB, and not above 40 %; more of it calls for more max_wal_size.
    effective_cache_size: what is there for caching in all, server and kernel together. work_mem: each sort or hash of each session may
    take it, several at once; never under the server's own 4 MB. maintenance_work_mem: one such operation of a session
    at a time, times autovacuum_max_workers.
    random_page_cost: lower where random reads cost little more than sequential ones.
    Raises BadInput for less memory than a server runs with.
    """
    if memory_mb < SMALLEST_MB:
        raise bad_input("memory", memory_mb, "at least %d (MB)" % SMALLEST_MB, "Leave it out to take what the host has.")
    buffers = memory_mb // 4 if memory_mb >= 1024 else memory_mb // 8
    work = (memory_mb - buffers) * 1024 // (max(connections, 1) * 4)  # kB; four such operations in every session at once
    settings = {
        "max_connections": str(connections),
        "shared_buffers": "%dMB" % buffers,
        "effective_cache_size": "%dMB" % (memory_mb * 3 // 4),
        "work_mem": "%dkB" % max(4096, min(work, 256 * 1024)),
        "maintenance_work_mem": "%dMB" % max(16, min(memory_mb // 16, 1024)),
        "max_wal_size": "%dMB" % max(1024, min(2 * buffers, 8192)),
    }
    return {**settings, "random_page_cost": "1.1"} if storage == "ssd" else settings


def access(rules: Iterable[Mapping[str, Any]], members: Mapping[str, Any], user: str = "replicator", ssl: bool = True) -> list[str]:
    """Return the lines of pg_hba.conf, in the order in which the server reads them: the first that fits decides.

    rules: the declared ones. members: name to address, with `user` as their role. ssl: whether the server talks TLS.
    Raises BadInput for a rule that lets in nobody or the wrong ones, by its number.
    """
    lines = [
        "local all postgres peer",
        "local postgres %s peer map=%s" % (HEALTH_ROLE, MAP),
        *(_line("hba[%d]" % number, rule) for number, rule in enumerate(rules)),
    ]
    for name, address in members.items():
        rule = {"type": "hostssl" if ssl else "host", "database": ["replication", "postgres"], "user": user, "address": str(address)}
        lines.append(_line("replication.members.%s" % name, rule))
    local = [_line("", {"type": "host", "address": address}) for address in ("127.0.0.1", "::1")]
    return [*lines, "local all all peer", *local]


def _line(where: str, rule: Mapping[str, Any]) -> str:
    for key in rule:
        if key not in RULE_KEYS:
            raise unknown_name("key of a rule", where, str(key), RULE_KEYS)
    kind = str(rule.get("type") or "hostssl")
    if kind not in METHODS:
        raise unknown_name("type of a connection", "%s.type" % where, kind, METHODS)
    method = str(rule.get("method") or ("peer" if kind == "local" else "reject" if kind == "hostnossl" else "scram-sha-256"))
    if method not in METHODS[kind]:
        expected = "one of %s for %s" % (", ".join(METHODS[kind]), kind)
        raise bad_input("%s.method" % where, method, expected, "What lets somebody in without proof is not among them.")
    if kind == "local" and rule.get("address"):
        raise bad_input("%s.address" % where, rule["address"], "nothing for local", "Take type: hostssl for connections of the network.")
    address = [] if kind == "local" else [_address("%s.address" % where, rule.get("address"))]
    words = [_names("%s.%s" % (where, key), rule.get(key) or "all") for key in ("database", "user")]
    options = ["%s=%s" % (name, _quoted(str(value))) for name, value in (rule.get("options") or {}).items()]
    return " ".join([kind, *words, *address, method, *options])


def _address(where: str, value: object) -> str:
    text = str(value or "")
    if text in ("samehost", "samenet"):
        return text
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        if re.fullmatch(r"\.?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", text) and not re.fullmatch(r"[0-9.]+", text):
            return text
    raise bad_input(where, value, "an address, a network or a host name", "Write 192.0.2.0/24; for every address 0.0.0.0/0 and ::/0.")


def _names(where: str, value: object) -> str:
    names = [value] if isinstance(value, str) else list(value) if isinstance(value, (list, tuple)) else []
    if not names or not all(isinstance(one, str) and one and "\n" not in one for one in names):
        raise bad_input(where, value, "a name or a list of names", "Write all, or [orders, reports].")
    return ",".join(one if one in KEYWORDS or re.fullmatch(r"\+?[a-z_][a-z0-9_]*", one) else _quoted(one) for one in names)


def _quoted(text: str) -> str:
    return '"%s"' % text.replace('"', '""')
