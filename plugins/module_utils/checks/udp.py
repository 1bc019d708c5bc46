# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A UDP service answers what it is sent."""

from __future__ import annotations

import dataclasses
import socket
import time
from typing import Any, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils import health_net
from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, at_most, contains, equal, option

_ONE_TRY = 2.0  # seconds after which it is sent again: UDP loses packets


@dataclasses.dataclass
class Options:
    """Options of a udp check."""

    port: int = option("the port")
    host: str = option("the name or address", "127.0.0.1")
    send: str = option("what to send; without an answer nobody knows whether it arrived", "")
    answers: bool = option("whether it has to answer", True, expects=equal, presence=True)
    answer: Optional[str] = option("a text that its answer has to contain", None, expects=contains)
    milliseconds: Optional[int] = option("how many milliseconds the answer may take", None, expects=at_most)


def observe(options: Options, deadline: Deadline) -> Observation:
    """Send until an answer comes; a port that is closed says so at once."""
    started = time.monotonic()
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(options.host, options.port, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind, protocol) as connection:
            connection.connect(address)
            while not deadline.passed():
                connection.send(options.send.encode("utf-8"))
                connection.settimeout(min(_ONE_TRY, deadline.left()))
                try:
                    data: Any = connection.recv(65535)
                except socket.timeout:
                    continue
                took = int((time.monotonic() - started) * 1000)
                return Observation({"answers": True, "answer": data.decode("utf-8", "replace"), "milliseconds": took})
    except OSError as error:
        return Observation({"answers": False}, note=health_net.told(error))
    return Observation({"answers": False}, note="it does not answer within %.1f s" % deadline.seconds)
