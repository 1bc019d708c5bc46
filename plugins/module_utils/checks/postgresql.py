# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A PostgreSQL server takes connections; with a user and a password it logs in."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
import os
from typing import Any, Dict, Optional, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import health_net
from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, equal, option


@dataclasses.dataclass
class Options:
    """Options of a postgresql check."""

    host: str = option("the name or address, or the path of the socket (/run/postgresql/.s.PGSQL.5432)", "127.0.0.1")
    port: int = option("the port", 5432)
    user: str = option("the name of the user", "postgres")
    database: str = option("the name of the database", "postgres")
    password_file: Optional[str] = option("path on the host of the password; without it the server only has to ask for one", None)
    tls: bool = option("whether to talk TLS", False)
    ca: Optional[str] = option("path on the host of the authority that the server's certificate is held against", None)
    ready: bool = option("whether it has to take connections; one that starts up, shuts down or is full does not", True, expects=equal)
    logged_in: Optional[bool] = option("whether the login has to succeed", None, expects=equal)
    recovery: Optional[bool] = option("whether it has to be a standby; asked after the login", None, expects=equal)
    version: Optional[str] = option("its version; known after the login", None, expects=equal, unit="version")


def _message(stream: health_net.Stream) -> Tuple[bytes, bytes]:
    head = stream.exactly(5)
    return head[:1], stream.exactly(int.from_bytes(head[1:], "big") - 4)


def _send(stream: health_net.Stream, kind: bytes, content: bytes) -> None:
    stream.send(kind + (len(content) + 4).to_bytes(4, "big") + content)


def _error(content: bytes) -> Tuple[str, str]:
    """Return the code and the words of an error."""
    fields = {part[:1]: part[1:].decode("utf-8", "replace") for part in content.split(b"\0") if part}
    return fields.get(b"C", ""), fields.get(b"M", "")


class _Scram:
    """SCRAM-SHA-256 (RFC 5802): the server learns no password, and has to prove that it knows it."""

    def __init__(self, password: str) -> None:
        self.password = password.encode("utf-8")
        self.first = "n=,r=" + base64.b64encode(os.urandom(18)).decode("ascii")
        self.proof = b""

    def start(self) -> bytes:
        words = ("n,," + self.first).encode("ascii")
        return b"SCRAM-SHA-256\0" + len(words).to_bytes(4, "big") + words

    def answer(self, challenge: bytes) -> bytes:
        text = challenge.decode("ascii")
        given = dict(part.split("=", 1) for part in text.split(","))
        salted = hashlib.pbkdf2_hmac("sha256", self.password, base64.b64decode(given["s"]), int(given["i"]))
        client = hmac.new(salted, b"Client Key", "sha256").digest()
        last = "c=biws,r=" + given["r"]
        signed = ",".join([self.first, text, last]).encode("ascii")
        signature = hmac.new(hashlib.sha256(client).digest(), signed, "sha256").digest()
        self.proof = hmac.new(hmac.new(salted, b"Server Key", "sha256").digest(), signed, "sha256").digest()
        proof = bytes(one ^ other for one, other in zip(client, signature))
        return (last + ",p=" + base64.b64encode(proof).decode("ascii")).encode("ascii")


def _login(stream: health_net.Stream, options: Options, password: str, facts: Dict[str, Any]) -> str:
    """Answer what the server asks for until it is ready; return why it is not, empty where it is."""
    scram = _Scram(password)
    while True:
        kind, content = _message(stream)
        asked = int.from_bytes(content[:4], "big")
        if kind == b"E":
            code, words = _error(content)
            facts["ready"] = code[:2] == "28" or code in ("3D000", "42501")  # it judged the login: it takes connections
            return "%s %s" % (code, words)
        facts["ready"] = True
        if kind == b"Z":
            return ""
        if kind == b"S":
            name, value = content.split(b"\0")[:2]
            if name == b"server_version":
                facts["version"] = value.decode("utf-8").split(" ")[0]
        if kind == b"R" and asked and not password:
            return "it asks for a password"
        if kind == b"R" and asked == 3:
            _send(stream, b"p", password.encode("utf-8") + b"\0")
        elif kind == b"R" and asked == 5:
            inner = hashlib.md5((password + options.user).encode("utf-8")).hexdigest()  # noqa: S324  # the server's choice
            outer = hashlib.md5(inner.encode("ascii") + content[4:8]).hexdigest()  # noqa: S324
            _send(stream, b"p", b"md5" + outer.encode("ascii") + b"\0")
        elif kind == b"R" and asked == 10:
            _send(stream, b"p", scram.start())
        elif kind == b"R" and asked == 11:
            _send(stream, b"p", scram.answer(content[4:]))
        elif kind == b"R" and asked == 12 and content[6:] != base64.b64encode(scram.proof):
            return "the server does not know the password itself"


def _recovery(stream: health_net.Stream) -> Optional[bool]:
    _send(stream, b"Q", b"select pg_is_in_recovery()\0")
    found: Optional[bool] = None
    kind = b""
    while kind != b"Z":
        kind, content = _message(stream)
        if kind == b"D":
            found = content.endswith(b"t")
    return found


def observe(options: Options, deadline: Deadline) -> Observation:
    """Start a session, as far as the options lead."""
    facts: Dict[str, Any] = {"ready": False}
    try:
        with health_net.connect(options.host, options.port, deadline) as stream:
            if options.tls:
                stream.send((8).to_bytes(4, "big") + (80877103).to_bytes(4, "big"))
                if stream.exactly(1) != b"S":
                    return Observation(facts, note="it does not talk TLS")
                stream.secure(health_net.Tls(options.ca), options.host)
            words = "user\0%s\0database\0%s\0application_name\0groundwork\0\0" % (options.user, options.database)
            _send(stream, b"", (196608).to_bytes(4, "big") + words.encode("utf-8"))
            note = _login(stream, options, health_net.secret(options.password_file), facts)
            facts["logged_in"] = not note
            if not note and options.recovery is not None:
                facts["recovery"] = _recovery(stream)
            if not note:
                _send(stream, b"X", b"")
    except (OSError, ValueError) as error:
        return Observation(facts, note=health_net.told(error))
    return Observation(facts, note=note)
