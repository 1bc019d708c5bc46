# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sockets that the kernel lists in /proc/net, proc_pid_net(5)."""

from __future__ import annotations

import sys
from typing import Any, Iterator, List, NamedTuple, Tuple

LISTED = "/proc/net"


class Connection(NamedTuple):
    """One end of a TCP connection. state: its number, as the kernel writes it. unsent: bytes that the other end has not got."""

    state: str
    unsent: int


def listed(protocol: str) -> Iterator[List[str]]:
    """Yield what the kernel writes of each socket: number, local end, remote end, state, queues and more. protocol: tcp or udp."""
    for name in (protocol, protocol + "6"):
        try:
            with open("%s/%s" % (LISTED, name), encoding="ascii") as stream:
                lines = stream.read().splitlines()[1:]
        except FileNotFoundError:  # a host without IPv6
            continue
        for line in lines:
            yield line.split()


def sockets(protocol: str, state: str) -> Iterator[Tuple[str, str]]:
    """Yield the local and the remote end of each socket, as the kernel writes them.

    protocol: tcp or udp. state: its number, as it is written there.
    """
    for _number, local, remote, found, *_rest in listed(protocol):
        if found == state:
            yield local, remote


def connections(host: str, port: int) -> List[Connection]:
    """Return the TCP connections of this machine to a place. host: an address or a name. Raises OSError where the name is not known."""
    import socket  # pylint: disable=import-outside-toplevel

    wanted = {str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    found = []
    for _number, _local, remote, state, queues, *_rest in listed("tcp"):
        if int(remote.rsplit(":", 1)[1], 16) == port:
            address, _port = address_and_port(remote)
            if str(getattr(address, "ipv4_mapped", None) or address) in wanted:
                found.append(Connection(state, int(queues.split(":")[0], 16)))
    return found


def address_and_port(end: str) -> Tuple[Any, int]:
    """Return what one end of a socket means, an address of `ipaddress` and a port. The words are in the host's byte order."""
    import ipaddress  # pylint: disable=import-outside-toplevel

    text, port = end.split(":")
    words = [int(text[start : start + 8], 16).to_bytes(4, sys.byteorder) for start in range(0, len(text), 8)]
    return ipaddress.ip_address(b"".join(words)), int(port, 16)
