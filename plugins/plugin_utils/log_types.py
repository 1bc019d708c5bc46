# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model of logs: inputs, flows and outputs, and the names that they may use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

WHERE = "fleet_logs"
NAME = re.compile(r"^[a-z][a-z0-9_]{0,39}$")
RESERVED = frozenset(("collect", "recovered", "log_servers"))
LOG_SERVERS = "log_servers"
#: Which of the log servers get a line: each of them, or the first that answers.
ALL, FIRST = "all", "first_available"
#: From the most to the least severe (RFC 5424, 6.2.1).
SEVERITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
FACILITIES = (
    *("kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp"),
    *(f"local{number}" for number in range(8)),
)
#: Types of inputs, and the options that each takes.
INPUTS: Mapping[str, tuple[str, ...]] = {
    "journal": (),
    "files": ("paths", "service", "severity", "facility", "multiline", "rotate"),
    "auth": (),
    "audit": ("paths", "service", "severity", "facility"),
    "containers": ("paths", "service", "severity", "facility"),
    "syslog": ("transport", "port", "address", "path", "clients"),
}
PATHS = {"audit": ["/var/log/audit/audit.log"], "containers": ["/var/lib/docker/containers/*/*-json.log"]}
TRANSPORTS = {"udp": 514, "tcp": 514, "tls": 6514, "relp": 2514, "unix": 0}
#: Inputs that carry lines of many services, which nothing names beforehand.
OPEN_ENDED = ("journal", "auth", "syslog")
#: The lines of an input `auth` (RFC 5424, 6.2.1: numbers 4 and 10).
AUTH_FACILITIES = ("auth", "authpriv")
PARSERS = ("json", "logfmt", "combined", "postgresql")
FLOW_KEYS = ("inputs", "select", "drop", "redact", "parse", "sample", "rate_limit", "outputs")
SELECT_KEYS = ("services", "severity", "facilities", "matches", "fields")
POLICIES = ("oldest", "newest")
SIZE = re.compile(r"^([0-9]+)([kmgt]?)b?$", re.IGNORECASE)
UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


@dataclass(frozen=True)
class Rotation:
    """How files are rotated. every: logrotate's word. size: bytes from which on it is done before. keep: old files. reload: a unit."""

    every: str
    size: int
    keep: int
    reload: str = ""


@dataclass(frozen=True)
class Input:
    """Where lines come from. service: their program name where the input gives it."""

    name: str
    type: str
    paths: tuple[str, ...] = ()
    service: str = ""
    severity: str = "info"
    facility: str = "local0"
    multiline: str = ""
    transport: str = ""
    port: int = 0
    address: str = ""
    path: str = ""
    clients: tuple[str, ...] = ()
    rotation: Rotation | None = None


@dataclass(frozen=True)
class Select:
    """Which lines; each condition that is set has to hold. severity: at least this one. fields: name to pattern."""

    services: tuple[str, ...] = ()
    severity: str = ""
    facilities: tuple[str, ...] = ()
    matches: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Return whether there is any condition."""
        return bool(self.services or self.severity or self.facilities or self.matches or self.fields)


@dataclass(frozen=True)
class Limit:
    """How many lines of one source go on in a window of so many seconds."""

    lines: int
    seconds: int = 1


@dataclass(frozen=True)
class Flow:
    """Which lines go where, and what is done to them. sample: one of so many goes on.

    parse: a format of PARSERS, or `regex`: parse_fields are the names of the groups of parse_matches.
    """

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    select: Select = Select()
    drop: Select = Select()
    redact: tuple[str, ...] = ()
    parse: str = ""
    sample: int = 1
    limit: Limit | None = None
    parse_matches: str = ""
    parse_fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Output:
    """Where lines go. options: those of its type, completed. bound: bytes on the disk, 0 for a share of what is free."""

    name: str
    type: str
    entry: Mapping[str, Any]
    options: Mapping[str, Any]
    bound: int = 0
    policy: str = "oldest"

    @property
    def servers(self) -> tuple[Mapping[str, Any], ...]:
        """Return host, port and name of each server that it may send to, in their order; none where it does not turn to another one."""
        others = self.options.get("alternatives") or ()
        return ({key: self.options[key] for key in ("host", "port", "name")}, *others) if others else ()


@dataclass(frozen=True)
class Logs:
    """What is declared of the logs of one host."""

    inputs: Mapping[str, Input]
    flows: tuple[Flow, ...]
    outputs: Mapping[str, Output]
