# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., dict[str, Any]]
Serve = Callable[[Callable[[socket.socket], None]], int]
HEALTH = {"cluster_name": "logs", "status": "yellow", "number_of_nodes": 2, "unassigned_shards": 5, "number_of_pending_tasks": 0}


def talk(connection: socket.socket) -> None:
    asked = connection.recv(4096).decode()
    known = "Basic " + base64.b64encode(b"shop:s3cret").decode() in asked or "ApiKey s3cret" in asked
    text = json.dumps(HEALTH) if known else "{}"
    code = "200 OK" if known and "GET /_cluster/health " in asked else "401 Unauthorized"
    connection.sendall(("HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (code, len(text), text)).encode())


def test_a_cluster(run: Run, serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("s3cret\n")
    url, file = "http://127.0.0.1:%d/" % serve(talk), str(tmp_path / "password")
    message = run("elasticsearch", url=url, user="shop", password_file=file, nodes=3, unassigned=0)["message"]
    assert (
        "expected status green, observed yellow; expected nodes at least 3, observed 2; expected unassigned at most 0, observed 5"
        in message
    )
    assert message.count("(cluster logs)") == 1
    assert run("elasticsearch", url=url, password_file=file, status=["green", "yellow"], pending=0)["status"] == "ok"
    assert "(401 Unauthorized)" in run("elasticsearch", url=url)["message"]


def test_what_is_no_cluster(run: Run, serve: Serve) -> None:
    port = serve(lambda connection: (connection.recv(4096) and connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n<html>")) or None)
    assert "JSONDecodeError" in run("elasticsearch", url="http://127.0.0.1:%d" % port)["message"]
