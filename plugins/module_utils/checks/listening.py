# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program listens on a port of this host; nothing is connected for the check."""

from __future__ import annotations

import dataclasses
import ipaddress
import sys
from typing import Any, Dict, Iterator, Optional, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, equal, holds, option

_STATES = {"tcp": "0A", "udp": "07"}  # LISTEN; a UDP socket without another end


@dataclasses.dataclass
class Options:
    """Options of a listening check."""

    port: int = option("the port")
    protocol: str = option("tcp or udp", "tcp")
    listening: bool = option("whether somebody has to listen", True, expects=equal, presence=True)
    addresses: Optional[str] = option("an address on which somebody has to listen; 0.0.0.0 and :: are all", None, expects=holds)


def problem(options: Options) -> str:
    """Demand a protocol that has ports."""
    return "" if options.protocol in _STATES else "`protocol` is tcp or udp."


def _address(text: str) -> str:
    words = [int(text[start : start + 8], 16).to_bytes(4, sys.byteorder) for start in range(0, len(text), 8)]
    return str(ipaddress.ip_address(b"".join(words)))


def _sockets(protocol: str) -> Iterator[Tuple[str, int]]:
    for path in ("/proc/net/" + protocol, "/proc/net/%s6" % protocol):
        try:
            with open(path, encoding="ascii") as stream:
                lines = stream.read().splitlines()[1:]
        except FileNotFoundError:  # a host without IPv6
            continue
        for line in lines:
            _number, local, _remote, state = line.split()[:4]
            if state == _STATES[protocol]:
                address, port = local.split(":")
                yield _address(address), int(port, 16)


def observe(options: Options, _deadline: Deadline) -> Observation:
    """Look among the sockets of the kernel."""
    found = sorted({address for address, port in _sockets(options.protocol) if port == options.port})
    facts: Dict[str, Any] = {"listening": bool(found), "addresses": found}
    return Observation(facts, note=", ".join(found))
