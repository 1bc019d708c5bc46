# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

Run = Callable[..., dict[str, Any]]
Serve = Callable[[Callable[[socket.socket], None]], int]


def test_tcp(run: Run, listener: socket.socket) -> None:
    assert run("tcp", port=listener.getsockname()[1])["status"] == "ok"


def test_tcp_closed(run: Run, closed_port: int) -> None:
    result = run("tcp", port=closed_port)
    assert result["status"] == "failed"
    assert "Connection refused" in result["message"]
    assert run("tcp", port=closed_port, open=False)["status"] == "ok"


def test_tcp_answer(run: Run, serve: Serve) -> None:
    port = serve(lambda connection: connection.sendall(b"echo " + connection.recv(10)))
    assert run("tcp", port=port, send="hello", answer="echo hello")["status"] == "ok"
    assert "containing bye, observed 10 characters without it" in run("tcp", port=port, send="hello", answer="bye")["message"]


def test_a_port_that_accepts_and_never_answers(run: Run, listener: socket.socket) -> None:
    started = time.monotonic()
    message = run("tcp", port=listener.getsockname()[1], answer="SSH-", timeout_="500ms")["message"]
    assert "observed nothing (it accepted the connection and did not answer within 0.5 s" in message
    assert time.monotonic() - started < 3
