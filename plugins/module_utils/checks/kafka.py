# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Kafka broker answers in its own protocol, and the cluster has its brokers."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils import health_net
from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, at_least, equal, option

_API_VERSIONS, _METADATA = 18, 3


@dataclasses.dataclass
class Options:
    """Options of a kafka check."""

    host: str = option("the name or address of the broker", "127.0.0.1")
    port: int = option("the port", 9092)
    tls: bool = option("whether it talks TLS", False)
    ca: Optional[str] = option("path on the host of the authority that the broker's certificate is held against", None)
    certificate: Optional[str] = option("path on the host of the client certificate", None)
    key: Optional[str] = option("path on the host of the client certificate's key", None)
    ready: bool = option("whether it has to answer which requests it knows", True, expects=equal)
    brokers: Optional[int] = option("how many brokers it has to know; a listener that wants a login does not tell", None, expects=at_least)
    controller: Optional[bool] = option("whether the cluster has to have a controller", None, expects=equal)


def _ask(stream: health_net.Stream, key: int, version: int, content: bytes) -> bytes:
    number = bytes([0, 0, 0, key])
    request = key.to_bytes(2, "big") + version.to_bytes(2, "big") + number + b"\0\x0agroundwork" + content
    stream.send(len(request).to_bytes(4, "big") + request)
    answer = stream.exactly(int.from_bytes(stream.exactly(4), "big"))
    if answer[:4] != number:
        raise health_net.Refused("it does not speak the protocol of Kafka")
    return answer[4:]


def _metadata(answer: bytes) -> Dict[str, Any]:
    """Read brokers and controller of a Metadata answer of version 1."""
    count, at = int.from_bytes(answer[:4], "big"), 4
    for _each in range(count):
        at += 4  # its number
        at += 2 + int.from_bytes(answer[at : at + 2], "big") + 4  # its host, its port
        rack = int.from_bytes(answer[at : at + 2], "big", signed=True)
        at += 2 + max(rack, 0)
    return {"brokers": count, "controller": int.from_bytes(answer[at : at + 4], "big", signed=True) >= 0}


def observe(options: Options, deadline: Deadline) -> Observation:
    """Ask which requests it knows, and for the brokers where they matter."""
    tls = health_net.Tls(options.ca, options.certificate, options.key) if options.tls else None
    facts: Dict[str, Any] = {"ready": False}
    try:
        with health_net.connect(options.host, options.port, deadline, tls) as stream:
            error = int.from_bytes(_ask(stream, _API_VERSIONS, 0, b"")[:2], "big", signed=True)
            if error:
                return Observation(facts, note="error %d" % error)
            facts["ready"] = True
            if options.brokers is not None or options.controller is not None:
                facts.update(_metadata(_ask(stream, _METADATA, 1, b"\0\0\0\0")))  # of no topic
    except (OSError, health_net.Refused) as problem:
        return Observation(facts, note=health_net.told(problem))
    return Observation(facts)
