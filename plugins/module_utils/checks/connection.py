# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host holds a TCP connection to another; nothing is connected for the check."""

from __future__ import annotations

import dataclasses
import socket
from typing import Iterator, List, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import kernel_sockets
from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, equal, option

_ESTABLISHED = "01"


@dataclasses.dataclass
class Options:
    """Options of a connection check."""

    host: str = option("the name or address at the other end")
    port: int = option("the port at the other end")
    others: List[str] = option("further places, HOST:PORT: a connection to any of them is as good", [])  # noqa: RUF009  # one for each
    established: bool = option("whether there has to be a connection", True, expects=equal)


def _established() -> Iterator[Tuple[str, int, str]]:
    for local, remote in kernel_sockets.sockets("tcp", _ESTABLISHED):
        address, port = kernel_sockets.address_and_port(remote)
        yield str(getattr(address, "ipv4_mapped", None) or address), port, local


def observe(options: Options, _deadline: Deadline) -> Observation:
    """Look for the connection among those of the kernel."""
    places = [(options.host, options.port), *((one.rpartition(":")[0], int(one.rpartition(":")[2])) for one in options.others)]
    wanted = {(str(found[4][0]), port) for host, port in places for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    local = sorted(local for address, port, local in _established() if (address, port) in wanted)
    return Observation({"established": bool(local)}, identity=" ".join(local))
