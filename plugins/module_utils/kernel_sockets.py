# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sockets that the kernel lists in /proc/net, proc_pid_net(5)."""

from __future__ import annotations

import sys
from typing import Any, Iterator, Tuple

LISTED = "/proc/net"


def sockets(protocol: str, state: str) -> Iterator[Tuple[str, str]]:
    """Yield the local and the remote end of each socket, as the kernel writes them.

    protocol: tcp or udp. state: its number, as it is written there.
    """
    for name in (protocol, protocol + "6"):
        try:
            with open("%s/%s" % (LISTED, name), encoding="ascii") as stream:
                lines = stream.read().splitlines()[1:]
        except FileNotFoundError:  # a host without IPv6
            continue
        for line in lines:
            _number, local, remote, found = line.split()[:4]
            if found == state:
                yield local, remote


def address_and_port(end: str) -> Tuple[Any, int]:
    """Return what one end of a socket means, an address of `ipaddress` and a port. The words are in the host's byte order."""
    import ipaddress  # pylint: disable=import-outside-toplevel

    text, port = end.split(":")
    words = [int(text[start : start + 8], 16).to_bytes(4, sys.byteorder) for start in range(0, len(text), 8)]
    return ipaddress.ip_address(b"".join(words)), int(port, 16)
