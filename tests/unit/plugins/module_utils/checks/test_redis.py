# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Against a stand-in that speaks the protocol, with a password."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., dict[str, Any]]
Serve = Callable[[Callable[[socket.socket], None]], int]
INFO = "# Server\r\nrun_id:abc\r\nrole:slave\r\nmaster_link_status:down\r\nused_memory:1048576\r\nconnected_clients:5\r\n"


def talk(connection: socket.socket) -> None:
    known = False
    while words := connection.recv(4096).decode().split("\r\n"):
        name = words[2] if len(words) > 2 else ""
        if name == "AUTH":
            known = words[-2] == "s3cret"
            answer = "+OK\r\n" if known else "-WRONGPASS invalid username-password pair\r\n"
        elif not known:
            answer = "-NOAUTH Authentication required.\r\n"
        else:
            answer = "+PONG\r\n" if name == "PING" else "$%d\r\n%s\r\n" % (len(INFO), INFO)
        connection.sendall(answer.encode())


def test_a_server_with_a_password(run: Run, serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("s3cret\n")
    port = serve(talk)
    assert run("redis", port=port, password_file=str(tmp_path / "password"), memory="2MiB", clients=5, role="slave")["status"] == "ok"
    assert "expected link up, observed down" in run("redis", port=port, password_file=str(tmp_path / "password"), link="up")["message"]
    assert "(NOAUTH Authentication required.)" in run("redis", port=port)["message"]


def test_a_wrong_password_is_not_told(run: Run, serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("wr0ng\n")
    result = run("redis", port=serve(talk), password_file=str(tmp_path / "password"))
    assert "WRONGPASS" in result["message"] and "wr0ng" not in str(result)


def test_one_that_loads_its_data_is_not_ready(run: Run, serve: Serve) -> None:
    port = serve(
        lambda connection: (connection.recv(4096) and connection.sendall(b"-LOADING Redis is loading the dataset in memory\r\n")) or None
    )
    assert "expected ready true, observed false (LOADING" in run("redis", port=port)["message"]


def test_one_that_never_answers(run: Run, listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    assert "did not answer within 0.3 s" in run("redis", port=port, timeout_="300ms")["message"]
