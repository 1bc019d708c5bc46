# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host holds a TCP connection to another; nothing is connected for the check."""

from __future__ import annotations

import dataclasses
import socket
from typing import Iterator, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import kernel_sockets
from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, equal, option

_ESTABLISHED = "01"


@dataclasses.dataclass
class Options:
    """Options of a connection check."""

    host: str = option("the name or address at the other end")
    port: int = option("the port at the other end")
    established: bool = option("whether there has to be a connection", True, expects=equal)


def _established() -> Iterator[Tuple[str, int, str]]:
    for local, remote in kernel_sockets.sockets("tcp", _ESTABLISHED):
        address, port = kernel_sockets.address_and_port(remote)
        yield str(getattr(address, "ipv4_mapped", None) or address), port, local


def observe(options: Options, _deadline: Deadline) -> Observation:
    """Look for the connection among those of the kernel."""
    wanted = {str(found[4][0]) for found in socket.getaddrinfo(options.host, options.port, type=socket.SOCK_STREAM)}
    local = sorted(local for address, port, local in _established() if port == options.port and address in wanted)
    return Observation({"established": bool(local)}, identity=" ".join(local))
