# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate is good for its purpose: a file with its key and authority, or what a TLS server shows."""

from __future__ import annotations

import dataclasses
import os
import ssl
import tempfile
import time
from typing import Any, Dict, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils import health_net
from ansible_collections.groundwork.fleet.plugins.module_utils.health import (
    TLS_VERSIONS,
    Deadline,
    Observation,
    at_least,
    equal,
    holds,
    one_of,
    option,
)


@dataclasses.dataclass
class Options:
    """Options of a certificate check."""

    certificate: Optional[str] = option("the path of the certificate", None)
    key: Optional[str] = option("the path of its key; with it and `ca` a handshake proves that all three belong together", None)
    host: Optional[str] = option("the TLS server that shows the certificate, instead of `certificate`", None)
    port: int = option("the port of the server", 443)
    starttls: Optional[str] = option("smtp: ask the server for TLS first", None)
    ca: Optional[str] = option("the path of the authority's certificate; for a server by default those that the host trusts", None)
    name: Optional[str] = option("a name or address it has to be for, by default that of the server, of a file localhost", None)
    serves: bool = option("whether a client that trusts the authority takes it: chain, name and time", True, expects=equal)
    days: Optional[int] = option("for how many more days it has to be valid", None, expects=at_least)
    names: Optional[str] = option("a name that has to stand in it", None, expects=holds)
    issuer: Optional[str] = option("the common name of who issued it", None, expects=equal)
    tls_version: Optional[Sequence[str]] = option(
        "the version of TLS that the server chose, or a list (TLSv1.3)", None, expects=one_of, choices=TLS_VERSIONS
    )


def problem(options: Options) -> str:
    """Demand one source, and all that a handshake needs."""
    if (options.certificate is None) == (options.host is None):
        return "Give either `certificate` or `host`."
    if options.key is not None and options.ca is None:
        return "Give `ca` with `key`."
    return "" if options.starttls in (None, "smtp") else "`starttls` is smtp."


def _handshake(options: Options) -> None:
    """Let the certificate of a file talk to itself in memory; raises ssl.SSLError, OSError."""
    server_side, client_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server_side.verify_mode = ssl.CERT_REQUIRED
    for context in (server_side, client_side):
        context.load_cert_chain(str(options.certificate), options.key)
        context.load_verify_locations(options.ca)
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_side.wrap_bio(to_client, to_server, server_hostname=options.name or "localhost")
    server = server_side.wrap_bio(to_server, to_client, server_side=True)
    pending = [client, server]
    for _round in range(20):
        for side in list(pending):
            try:
                side.do_handshake()
                pending.remove(side)
            except ssl.SSLWantReadError:
                continue
        if not pending:
            return
    raise ssl.SSLError("the handshake does not end")


def _decoded(path: str) -> Dict[str, Any]:
    found: Dict[str, Any] = ssl._ssl._test_decode_cert(path)  # type: ignore[attr-defined]  # the standard library has no public one
    return found


def _facts(found: Dict[str, Any]) -> Dict[str, Any]:
    issuer = {key: value for part in found.get("issuer", ()) for key, value in part}
    names = sorted(value for _kind, value in found.get("subjectAltName", ()))
    left = (ssl.cert_time_to_seconds(str(found["notAfter"])) - time.time()) // 86400
    return {"days": int(left), "names": names, "issuer": str(issuer.get("commonName", ""))}


def _greeted(options: Options, deadline: Deadline, verify: bool) -> health_net.Stream:
    stream = health_net.connect(str(options.host), options.port, deadline)
    try:
        if options.starttls == "smtp":
            for words in ("", "EHLO localhost\r\n", "STARTTLS\r\n"):
                stream.send(words.encode("ascii"))
                while stream.line()[3:4] == "-":
                    pass
        stream.secure(health_net.Tls(options.ca, name=options.name, verify=verify), str(options.host))
    except BaseException:
        stream.connection.close()
        raise
    return stream


def _of_server(options: Options, deadline: Deadline) -> Observation:
    """Connect as a client does; where it refuses, connect once more to see what it refused."""
    note, serves = "", True
    try:
        with _greeted(options, deadline, True):
            pass
    except ssl.SSLError as error:
        note, serves = str(getattr(error, "verify_message", "") or error), False
    except OSError as error:
        return Observation({}, note=health_net.told(error))
    try:
        with _greeted(options, deadline, False) as stream:
            shown: Any = stream.connection
            encoded, version = shown.getpeercert(True), shown.version()
    except OSError as error:
        return Observation({"serves": False}, note=health_net.told(error))
    handle, path = tempfile.mkstemp()
    try:
        with open(handle, "w", encoding="ascii") as file:
            file.write(ssl.DER_cert_to_PEM_cert(encoded))
        facts = _facts(_decoded(path))
    finally:
        os.unlink(path)
    if not serves:
        note = "%s; it is for %s" % (note, ", ".join(facts["names"]))
    return Observation({**facts, "serves": serves, "tls_version": version}, note=note)


def observe(options: Options, deadline: Deadline) -> Observation:
    """Look at the certificate, and let it prove what can be proven."""
    if options.host is not None:
        return _of_server(options, deadline)
    facts: Dict[str, Any] = {"serves": False}
    try:
        facts.update(_facts(_decoded(str(options.certificate))))
        if options.key is not None:
            _handshake(options)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        return Observation(facts, note="%s: %s" % (type(error).__name__, error))
    expired = facts["days"] < 0
    return Observation({**facts, "serves": not expired}, note="it has expired" if expired else "")
