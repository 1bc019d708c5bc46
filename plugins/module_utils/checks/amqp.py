# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An AMQP server such as RabbitMQ opens a session; with a user and a password it logs in."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import health_net
from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, equal, option

_START, _START_OK, _SECURE, _TUNE, _TUNE_OK, _OPEN, _OPEN_OK, _CLOSE = 10, 11, 20, 30, 31, 40, 41, 50


@dataclasses.dataclass
class Options:
    """Options of an amqp check."""

    host: str = option("the name or address", "127.0.0.1")
    port: int = option("the port", 5672)
    user: Optional[str] = option("the name of the user", None)
    password_file: Optional[str] = option("path on the host of the password", None)
    virtual_host: str = option("the virtual host to open after the login", "/")
    tls: bool = option("whether it talks TLS", False)
    ca: Optional[str] = option("path on the host of the authority that the server's certificate is held against", None)
    certificate: Optional[str] = option("path on the host of the client certificate", None)
    key: Optional[str] = option("path on the host of the client certificate's key", None)
    ready: bool = option("whether it has to open a session", True, expects=equal)
    logged_in: Optional[bool] = option("whether the login and the virtual host have to be granted", None, expects=equal)
    product: Optional[str] = option("its name (RabbitMQ)", None, expects=equal)
    version: Optional[str] = option("its version", None, expects=equal, unit="version")


def problem(options: Options) -> str:
    """Demand a password with a user."""
    return "" if bool(options.user) == bool(options.password_file) else "Give `user` and `password_file` together."


def _frame(stream: health_net.Stream) -> Tuple[int, bytes]:
    """Return the number and the content of the next method of a connection. Raises Refused."""
    while True:
        head = stream.exactly(7)
        if head[:4] == b"AMQP":
            raise health_net.Refused("it speaks AMQP %d-%d-%d only" % (head[5], head[6], stream.exactly(1)[0]))
        content = stream.exactly(int.from_bytes(head[3:7], "big") + 1)[:-1]
        if head[0] != 1:  # a heartbeat
            continue
        number = int.from_bytes(content[2:4], "big")
        if number == _CLOSE:
            length = content[6]
            raise health_net.Refused("%d %s" % (int.from_bytes(content[4:6], "big"), content[7 : 7 + length].decode("utf-8", "replace")))
        return number, content[4:]


def _send(stream: health_net.Stream, number: int, content: bytes) -> None:
    method = b"\0\x0a" + number.to_bytes(2, "big") + content
    stream.send(b"\x01\0\0" + len(method).to_bytes(4, "big") + method + b"\xce")


def _short(text: str) -> bytes:
    return bytes([len(text.encode("utf-8"))]) + text.encode("utf-8")


def _long(text: bytes) -> bytes:
    return len(text).to_bytes(4, "big") + text


def _property(table: bytes, name: str) -> str:
    """Return a text of the server's properties."""
    mark = _short(name) + b"S"
    if mark not in table:
        return ""
    rest = table.split(mark, 1)[1]
    return rest[4 : 4 + int.from_bytes(rest[:4], "big")].decode("utf-8", "replace")


def _login(stream: health_net.Stream, options: Options, password: str) -> None:
    _send(
        stream, _START_OK, _long(b"") + _short("PLAIN") + _long(("\0%s\0%s" % (options.user, password)).encode("utf-8")) + _short("en_US")
    )
    number, content = _frame(stream)
    if number != _TUNE:
        raise health_net.Refused("it wants another kind of login than PLAIN")
    _send(stream, _TUNE_OK, content[:6] + b"\0\0")
    _send(stream, _OPEN, _short(options.virtual_host) + b"\0\0")
    _frame(stream)
    _send(stream, _CLOSE, b"\0\xc8" + _short("") + b"\0\0\0\0")


def observe(options: Options, deadline: Deadline) -> Observation:
    """Open a session, as far as the options lead."""
    tls = health_net.Tls(options.ca, options.certificate, options.key) if options.tls else None
    facts: Dict[str, Any] = {"ready": False}
    try:
        with health_net.connect(options.host, options.port, deadline, tls) as stream:
            stream.send(b"AMQP\0\0\x09\x01")
            number, content = _frame(stream)
            facts["ready"] = number == _START
            facts.update(product=_property(content, "product"), version=_property(content, "version"))
            if options.user:
                facts["logged_in"] = False
                try:
                    _login(stream, options, health_net.secret(options.password_file))
                except ConnectionError:  # RabbitMQ closes without a word where the login is wrong
                    return Observation(facts, note="it closed the connection at the login")
                facts["logged_in"] = True
    except (OSError, IndexError, health_net.Refused) as error:
        return Observation(facts, note=health_net.told(error))
    return Observation(facts)
