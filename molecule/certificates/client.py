# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask a web server without a pause, by one connection that is kept and by a slow one, until a file is there; tell what was lost.

client.py PORT STOP REPORT. An idle connection may be closed by the server at any time (RFC 9112, 9.5): the request is sent once more by a
new one, as every client does. An answer that has begun and does not end, or a second refusal, is lost.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import ssl
import sys
import threading
import time
from typing import Any

PORT, STOP, REPORT = int(sys.argv[1]), sys.argv[2], sys.argv[3]
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # it shows one that has expired at first
told: dict[str, Any] = {"answers": 0, "slow": 0, "lost": [], "shown": [], "connections": 0}


def connected() -> http.client.HTTPSConnection:
    connection = http.client.HTTPSConnection("127.0.0.1", PORT, context=context, timeout=30)
    connection.connect()
    shown = hashlib.sha256(connection.sock.getpeercert(True)).hexdigest()
    if shown not in told["shown"]:
        told["shown"].append(shown)
    told["connections"] += 1
    return connection


def answered(connection: http.client.HTTPSConnection, path: str) -> bool | None:
    """Return whether a request was answered to its end, None where the idle connection had been closed before."""
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
    except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
        return None
    try:
        body = answer.read()
    except (OSError, http.client.HTTPException) as error:
        told["lost"].append("%s: %r" % (path, error))
        return False
    if answer.status != 200 or not body:
        told["lost"].append("%s: status %d" % (path, answer.status))
    return True


def ask(path: str, counter: str, pause: float) -> None:
    connection = connected()
    while not os.path.exists(STOP):
        for _attempt in range(2):
            done = answered(connection, path)
            if done:
                told[counter] += 1
                break
            connection.close()
            connection = connected()
        else:
            told["lost"].append("%s: refused twice" % path)
        if connection.sock is None:  # the server said that it closes after this answer
            connection = connected()
        time.sleep(pause)


threads = [threading.Thread(target=ask, args=("/", "answers", 0.01)), threading.Thread(target=ask, args=("/slow", "slow", 0))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
with open(REPORT, "w", encoding="utf-8") as stream:
    json.dump(told, stream)
