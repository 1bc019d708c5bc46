# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An LDAP server grants a login: without a name, or with one and its password."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import health_net
from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, equal, option

_CODES = {0: "success", 1: "operations error", 8: "stronger authentication required", 32: "no such object", 34: "invalid name"}
_CODES.update({48: "inappropriate authentication", 49: "invalid credentials", 51: "busy", 52: "unavailable", 53: "unwilling to perform"})


@dataclasses.dataclass
class Options:
    """Options of an ldap check."""

    host: str = option("the name, address or path of the socket", "127.0.0.1")
    port: int = option("the port", 389)
    user: Optional[str] = option("the distinguished name that logs in, by default nobody", None)
    password_file: Optional[str] = option("path on the host of the password", None)
    tls: bool = option("whether it talks TLS (port 636)", False)
    ca: Optional[str] = option("path on the host of the authority that the server's certificate is held against", None)
    bound: bool = option("whether the login has to be granted", True, expects=equal)
    code: Optional[int] = option("the number of the answer", None, expects=equal)


def problem(options: Options) -> str:
    """Demand a password with a user."""
    return "" if bool(options.user) == bool(options.password_file) else "Give `user` and `password_file` together."


def _coded(tag: int, content: bytes) -> bytes:
    """Return one value in BER."""
    if len(content) < 128:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes(4, "big").lstrip(b"\0")
    return bytes([tag, 128 + len(length)]) + length + content


def _head(stream: health_net.Stream) -> Tuple[int, int]:
    """Return the tag and the length of the next value."""
    tag, length = stream.exactly(2)
    if length >= 128:
        length = int.from_bytes(stream.exactly(length - 128), "big")
    return tag, length


def observe(options: Options, deadline: Deadline) -> Observation:
    """Log in and leave."""
    tls = health_net.Tls(options.ca) if options.tls else None
    facts: Dict[str, Any] = {"bound": False}
    try:
        password = health_net.secret(options.password_file)
        login = _coded(2, b"\x03") + _coded(4, (options.user or "").encode("utf-8")) + _coded(0x80, password.encode("utf-8"))
        with health_net.connect(options.host, options.port, deadline, tls) as stream:
            stream.send(_coded(0x30, _coded(2, b"\x01") + _coded(0x60, login)))
            if _head(stream)[0] != 0x30 or _head(stream) != (2, 1):
                raise health_net.Refused("it does not speak LDAP")
            stream.exactly(1)
            if _head(stream)[0] != 0x61 or _head(stream) != (10, 1):
                raise health_net.Refused("it does not answer the login")
            code = stream.exactly(1)[0]
            stream.send(_coded(0x30, _coded(2, b"\x02") + b"\x42\0"))
    except (OSError, health_net.Refused) as error:
        return Observation(facts, note=health_net.told(error))
    facts.update(bound=code == 0, code=code)
    return Observation(facts, note=_CODES.get(code, "code %d" % code))
