# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A gRPC server says that it serves, by its standard health service, in HTTP/2 by hand."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional, Sequence, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import health_net
from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, one_of, option

_DATA, _HEADERS, _RESET, _SETTINGS, _PING, _GOAWAY = 0, 1, 3, 4, 6, 7
_ACK, _END_STREAM, _END_HEADERS = 1, 1, 4
_STATES = ("UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN")


@dataclasses.dataclass
class Options:
    """Options of a grpc_health check."""

    port: int = option("the port")
    host: str = option("the name or address", "127.0.0.1")
    service: str = option("the name of the service, by default the whole server", "")
    tls: bool = option("whether it talks TLS", False)
    ca: Optional[str] = option("path on the host of the authority that the server's certificate is held against", None)
    certificate: Optional[str] = option("path on the host of the client certificate", None)
    key: Optional[str] = option("path on the host of the client certificate's key", None)
    state: Sequence[str] = option("what it has to say, or a list: SERVING, NOT_SERVING, SERVICE_UNKNOWN", ["SERVING"], expects=one_of)


def _frame(kind: int, flags: int, number: int, content: bytes) -> bytes:
    return len(content).to_bytes(3, "big") + bytes([kind, flags]) + number.to_bytes(4, "big") + content


def _header(name: str, value: str) -> bytes:
    """Return a header as HPACK's literal without an index and without Huffman coding."""
    parts = [b"\0"]
    for text in (name.encode("ascii"), value.encode("ascii")):
        parts.append((bytes([len(text)]) if len(text) < 127 else bytes([127, len(text) - 127])) + text)
    return b"".join(parts)


def _request(options: Options) -> bytes:
    headers = (
        (":method", "POST"),
        (":scheme", "https" if options.tls else "http"),
        (":path", "/grpc.health.v1.Health/Check"),
        (":authority", "%s:%d" % (options.host, options.port)),
        ("te", "trailers"),
        ("content-type", "application/grpc"),
    )
    name = options.service.encode("utf-8")
    message = b"\x0a" + bytes([len(name)]) + name if name else b""
    return b"".join(
        [
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            _frame(_SETTINGS, 0, 0, b""),
            _frame(_HEADERS, _END_HEADERS, 1, b"".join(_header(*pair) for pair in headers)),
            _frame(_DATA, _END_STREAM, 1, b"\0" + len(message).to_bytes(4, "big") + message),
        ]
    )


def _next(stream: health_net.Stream) -> Tuple[int, int, bytes]:
    head = stream.exactly(9)
    return head[3], head[4], stream.exactly(int.from_bytes(head[:3], "big"))


def _state(stream: health_net.Stream) -> str:
    """Return the state; without an answer in the body, that the service is unknown. Raises Refused."""
    body = b""
    while True:
        kind, flags, content = _next(stream)
        if kind == _SETTINGS and not flags & _ACK:
            stream.send(_frame(_SETTINGS, _ACK, 0, b""))
        elif kind == _PING and not flags & _ACK:
            stream.send(_frame(_PING, _ACK, 0, content))
        elif kind in (_RESET, _GOAWAY):
            raise health_net.Refused("it broke the request off")
        elif kind == _DATA:
            body += content
        if kind in (_DATA, _HEADERS) and flags & _END_STREAM:
            break
    if not body:
        raise health_net.Refused("it answers an error: the service is unknown, or it has no health service")
    message = body[5 : 5 + int.from_bytes(body[1:5], "big")]
    number = message[1] if message[:1] == b"\x08" else 0
    return _STATES[number] if number < len(_STATES) else "state %d" % number


def problem(options: Options) -> str:
    """Demand a name that fits into one request."""
    return "" if len(options.service.encode("utf-8")) < 128 else "The name of a service has fewer than 128 bytes."


def observe(options: Options, deadline: Deadline) -> Observation:
    """Ask once."""
    facts: Dict[str, Any] = {}
    try:
        with health_net.connect(options.host, options.port, deadline) as stream:
            if options.tls:
                stream.secure(health_net.Tls(options.ca, options.certificate, options.key), options.host, ("h2",))
            stream.send(_request(options))
            facts["state"] = _state(stream)
    except (OSError, health_net.Refused) as error:
        if isinstance(error, health_net.Refused):
            facts["state"] = "SERVICE_UNKNOWN"
        return Observation(facts, note=health_net.told(error))
    return Observation(facts)
