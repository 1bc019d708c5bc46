#!/usr/bin/env python3
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Send one line over TLS and say whether the server took or refused it: client.py PORT HOST TEXT [CERTIFICATE KEY]."""

from __future__ import annotations

import socket
import ssl
import sys


def main() -> int:
    port, host, text, *pair = sys.argv[1:]
    context = ssl.create_default_context(cafile="/etc/groundwork/tls/ca.crt")
    if pair:
        context.load_cert_chain(*pair)
    line = "<14>1 2026-01-01T00:00:00Z %s client - - - %s" % (host, text)
    try:
        plain = socket.create_connection(("127.0.0.1", int(port)), timeout=3)
        with context.wrap_socket(plain, server_hostname="localhost") as secure:
            secure.sendall(("%d %s" % (len(line), line)).encode())
            answer = "taken" if secure.recv(1) else "refused: closed"
    except TimeoutError:  # the server stays connected and has nothing to say
        answer = "taken"
    except OSError as error:
        answer = "refused: %s" % error
    sys.stdout.write(answer + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
