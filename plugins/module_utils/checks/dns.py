# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A name server answers a question as expected, in its own protocol over UDP."""

from __future__ import annotations

import dataclasses
import ipaddress
import os
import socket
import time
from typing import Any, Dict, List, Optional, Sequence, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils.health import (
    Deadline,
    Observation,
    at_least,
    at_most,
    holds,
    one_of,
    option,
)

_TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33}
_CODES = ("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED")
_ONE_TRY = 2.0  # seconds after which the question is asked again: UDP loses packets


@dataclasses.dataclass
class Options:
    """Options of a dns check."""

    name: str = option("the name to ask for")
    type: str = option("the type of record: A, AAAA, CNAME, MX, NS, PTR, SOA, SRV or TXT", "A")
    server: Optional[str] = option("the address of the server, by default the first of /etc/resolv.conf", None)
    port: int = option("the port of the server", 53)
    code: Sequence[str] = option("how it answers, or a list of accepted ones (NOERROR, NXDOMAIN, REFUSED)", ["NOERROR"], expects=one_of)
    count: Optional[int] = option("how many records of the type there have to be", 1, expects=at_least)
    answers: Optional[str] = option("a record that has to be among the answers", None, expects=holds)
    milliseconds: Optional[int] = option("how many milliseconds the answer may take", None, expects=at_most)


def problem(options: Options) -> str:
    """Demand a type of record that is known here."""
    return "" if options.type.upper() in _TYPES else "`type` is one of %s." % ", ".join(sorted(_TYPES))


def _server(options: Options) -> str:
    if options.server:
        return options.server
    with open("/etc/resolv.conf", encoding="utf-8") as stream:
        words = [line.split() for line in stream]
    return next((found[1] for found in words if len(found) > 1 and found[0] == "nameserver"), "127.0.0.1")


def _question(options: Options, number: bytes) -> bytes:
    labels = options.name.rstrip(".").encode("idna").split(b".") if options.name.strip(".") else []
    name = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    return number + b"\x01\x00\0\x01\0\0\0\0\0\0" + name + _TYPES[options.type.upper()].to_bytes(2, "big") + b"\0\x01"


def _name(data: bytes, at: int) -> Tuple[str, int]:
    """Return the name at a place and where what follows it begins."""
    labels: List[str] = []
    after = 0
    for _hop in range(128):
        length = data[at]
        if length >= 0xC0:  # it goes on elsewhere
            after = after or at + 2
            at = int.from_bytes(data[at : at + 2], "big") & 0x3FFF
        elif length:
            labels.append(data[at + 1 : at + 1 + length].decode("ascii", "replace"))
            at += length + 1
        else:
            return ".".join(labels), after or at + 1
    raise ValueError("a name without end")


def _record(kind: int, data: bytes, at: int, length: int) -> str:
    raw = data[at : at + length]
    if kind in (1, 28):
        return str(ipaddress.ip_address(raw))
    if kind in (2, 5, 6, 12):
        return _name(data, at)[0]
    if kind == 15:
        return "%d %s" % (int.from_bytes(raw[:2], "big"), _name(data, at + 2)[0])
    if kind == 33:
        numbers = [int.from_bytes(raw[start : start + 2], "big") for start in (0, 2, 4)]
        return " ".join([*map(str, numbers), _name(data, at + 6)[0]])
    parts, start = [], 0
    while start < length:  # TXT is a row of texts
        parts.append(raw[start + 1 : start + 1 + raw[start]])
        start += raw[start] + 1
    return b"".join(parts).decode("utf-8", "replace")


def _answer(data: bytes, wanted: int) -> Dict[str, Any]:
    code = data[3] & 15
    at, found = _name(data, 12)[1] + 4, []
    for _each in range(int.from_bytes(data[6:8], "big")):
        at = _name(data, at)[1]
        kind, length = int.from_bytes(data[at : at + 2], "big"), int.from_bytes(data[at + 8 : at + 10], "big")
        if kind == wanted:
            found.append(_record(kind, data, at + 10, length))
        at += 10 + length
    return {"code": _CODES[code] if code < len(_CODES) else "code %d" % code, "count": len(found), "answers": sorted(found)}


def observe(options: Options, deadline: Deadline) -> Observation:
    """Ask until an answer to this very question comes."""
    server, number, started = _server(options), os.urandom(2), time.monotonic()
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as connection:
        try:
            connection.connect((server, options.port))
            while not deadline.passed():
                connection.send(_question(options, number))
                connection.settimeout(min(_ONE_TRY, deadline.left()))
                try:
                    data = connection.recv(65535)
                except socket.timeout:
                    continue
                if data[:2] == number and len(data) > 12:
                    facts = _answer(data, _TYPES[options.type.upper()])
                    facts["milliseconds"] = int((time.monotonic() - started) * 1000)
                    return Observation(facts, note="server %s" % server)
        except OSError as error:
            return Observation({}, note="server %s: %s" % (server, error))
    return Observation({}, note="server %s does not answer within %.1f s" % (server, deadline.seconds))
