# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a log server takes part in RELP over mutual TLS: its session is opened and closed, and no line is sent.

A server whose process hangs still accepts connections, and one that refuses our certificate says so only after the handshake; so the
answer to `open` counts (https://www.rsyslog.com/doc/relp.html).
"""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
from typing import Any, Iterator, Mapping

SECONDS = 3.0
OFFER = b"relp_version=0\nrelp_software=groundwork-log-spool\ncommands=syslog"
OPEN = b"1 open %d %s\n" % (len(OFFER), OFFER)
CLOSE = b"2 close 0\n"
_OPENED = re.compile(rb"1 rsp \d+ 200[ \n]")


def names(certificate: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names that a certificate bears, as ssl.SSLSocket.getpeercert() tells it."""
    for _kind, name in certificate.get("subjectAltName", ()):
        yield str(name)
    for part in certificate.get("subject", ()):
        for key, name in part:
            if key == "commonName":
                yield str(name)


def refusal(host: str, port: int, name: str, tls_directory: str, seconds: float = SECONDS) -> str:
    """Return why a server would take no line, empty where it would.

    name: that its certificate has to bear. tls_directory: with ca.crt, host.crt and host.key. seconds: that each step may take.
    """
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False  # the name is that of the inventory, as omrelp compares it
        context.load_verify_locations("%s/ca.crt" % tls_directory)
        context.load_cert_chain("%s/host.crt" % tls_directory, "%s/host.key" % tls_directory)
        with socket.create_connection((host, port), seconds) as plain, context.wrap_socket(plain) as stream:
            found = list(names(stream.getpeercert() or {}))
            if name.lower() not in (one.lower() for one in found):
                return "its certificate is that of %s, not of %s" % (", ".join(found), name)
            stream.sendall(OPEN)
            answer = b""
            while not _OPENED.match(answer):
                part = stream.recv(4096)
                if not part or len(answer) > 4096:
                    return "it does not open a session"
                answer += part
            with contextlib.suppress(OSError):  # its answer is read, or it would call the end of the session an error
                stream.sendall(CLOSE)
                while stream.recv(4096):
                    pass
    except (OSError, ValueError) as error:
        return str(error)
    return ""
