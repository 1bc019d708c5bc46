# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A MySQL or MariaDB server greets its clients: it is up and has a connection free."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils import health_net
from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, equal, option


@dataclasses.dataclass
class Options:
    """Options of a mysql check."""

    host: str = option("the name, address or path of the socket", "127.0.0.1")
    port: int = option("the port", 3306)
    ready: bool = option("whether it has to greet; one that is full or blocks this host does not", True, expects=equal)
    version: Optional[str] = option("its version", None, expects=equal, unit="version")
    tls: Optional[bool] = option("whether it has to offer TLS", None, expects=equal)


def observe(options: Options, deadline: Deadline) -> Observation:
    """Read the greeting, which tells all of this before a login."""
    facts: Dict[str, Any] = {"ready": False}
    try:
        with health_net.connect(options.host, options.port, deadline) as stream:
            packet = stream.exactly(int.from_bytes(stream.exactly(4)[:3], "little"))
    except OSError as error:
        return Observation(facts, note=health_net.told(error))
    if packet[:1] == b"\xff":
        words = packet[3:].decode("utf-8", "replace")
        return Observation(facts, note="error %d: %s" % (int.from_bytes(packet[1:3], "little"), words))
    if packet[:1] != b"\x0a":
        return Observation(facts, note="it does not speak the protocol of MySQL")
    version, rest = packet[1:].split(b"\0", 1)
    capabilities = int.from_bytes(rest[13:15], "little")
    facts.update(ready=True, version=version.decode("utf-8", "replace"), tls=bool(capabilities & 0x0800))
    return Observation(facts)
