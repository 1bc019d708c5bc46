# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the web server must not do: answer names that no site has, let in without a certificate or by old TLS, serve more than the rate."""

from __future__ import annotations

import http.client
import socket
import ssl

HOST = "127.0.0.1"
TLS = "/etc/groundwork/tls"


def handshake(name: str, **settings: object) -> str:
    """Return what comes of a handshake: empty where it succeeds."""
    context = ssl.create_default_context(cafile=TLS + "/ca.crt")
    context.check_hostname = False
    for key, value in settings.items():
        setattr(context, key, value)
    try:
        with socket.create_connection((HOST, 443), 5) as plain, context.wrap_socket(plain, server_hostname=name):
            return ""
    except (ssl.SSLError, OSError) as error:
        return str(error)


def status(name: str, tls: bool = False, certificate: bool = False) -> int:
    """Return the status of a request for a name; 0 where the connection ends without an answer."""
    context = ssl.create_default_context(cafile=TLS + "/ca.crt")
    context.check_hostname = False
    if certificate:
        context.load_cert_chain(TLS + "/host.crt", TLS + "/host.key")
    with socket.create_connection((HOST, 443 if tls else 80), 5) as plain:
        stream = context.wrap_socket(plain, server_hostname=name) if tls else plain
        connection = http.client.HTTPConnection(name)
        connection.sock = stream
        try:
            connection.request("GET", "/copyright")
            return connection.getresponse().status
        except (http.client.HTTPException, OSError):
            return 0


def main() -> None:
    found = {
        "no site has the name": status("unknown.example.org") == 0,
        "no site has the name, by TLS": handshake("unknown.example.org") != "",
        "a site is served": handshake(socket.gethostname()) == "",
        "TLS 1.1": handshake(socket.gethostname(), maximum_version=ssl.TLSVersion.TLSv1_1, minimum_version=ssl.TLSVersion.TLSv1) != "",
        "no client certificate": status("files.localhost", tls=True) == 400,
        "a client certificate": status("files.localhost", tls=True, certificate=True) == 200,
        "the rate": 429 in [status("slow.localhost") for _number in range(6)],
    }
    wrong = [name for name, right in found.items() if not right]
    if wrong:
        raise SystemExit("wrong: %s" % ", ".join(wrong))


if __name__ == "__main__":
    main()
