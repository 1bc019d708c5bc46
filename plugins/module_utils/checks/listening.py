# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program listens on a port of this host; nothing is connected for the check."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils import kernel_sockets
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


def observe(options: Options, _deadline: Deadline) -> Observation:
    """Look among the sockets of the kernel."""
    ends = (
        kernel_sockets.address_and_port(local) for local, _remote in kernel_sockets.sockets(options.protocol, _STATES[options.protocol])
    )
    found = sorted({str(address) for address, port in ends if port == options.port})
    facts: Dict[str, Any] = {"listening": bool(found), "addresses": found}
    return Observation(facts, note=", ".join(found))
