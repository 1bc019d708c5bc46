# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., dict[str, Any]]
Serve = Callable[[Callable[[socket.socket], None]], int]


def frame(kind: int, flags: int, number: int, content: bytes = b"") -> bytes:
    return len(content).to_bytes(3, "big") + bytes([kind, flags]) + number.to_bytes(4, "big") + content


def server(state: int | None, *before: bytes) -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        asked = b""
        while b"application/grpc" not in asked:
            asked += connection.recv(4096)
        connection.sendall(frame(4, 0, 0) + b"".join(before))
        message = b"\x08" + bytes([state]) if state else b""
        body = b"\0" + len(message).to_bytes(4, "big") + message
        answer = frame(1, 4, 1, b"\x88") + frame(0, 0, 1, body[:3]) + frame(0, 0, 1, body[3:])
        connection.sendall((answer if state is not None else b"") + frame(1, 5, 1, b"\x88"))
        while connection.recv(4096):  # what it acknowledges
            pass

    return talk


@pytest.mark.parametrize(("state", "name"), [(1, "SERVING"), (2, "NOT_SERVING"), (0, "UNKNOWN"), (None, "SERVICE_UNKNOWN")])
def test_states(run: Run, serve: Serve, state: int | None, name: str) -> None:
    port = serve(server(state))
    assert run("grpc_health", port=port, state=name, service="shop.Orders")["status"] == "ok"
    if name != "SERVING":
        assert "expected state SERVING, observed %s" % name in run("grpc_health", port=port)["message"]


def test_a_ping_in_between(run: Run, serve: Serve) -> None:
    assert run("grpc_health", port=serve(server(1, frame(6, 0, 0, bytes(8)))))["status"] == "ok"


def test_one_that_breaks_off(run: Run, serve: Serve) -> None:
    assert "it broke the request off" in run("grpc_health", port=serve(server(1, frame(7, 0, 0, bytes(8)))))["message"]


def test_one_that_never_answers(run: Run, listener: socket.socket) -> None:
    message = run("grpc_health", port=listener.getsockname()[1], timeout_="300ms")["message"]
    assert "expected state SERVING, observed nothing (it accepted the connection and did not answer within 0.3 s" in message


def test_a_name_that_is_too_long_is_refused(run: Run) -> None:
    with pytest.raises(ValueError, match="fewer than 128 bytes"):
        run("grpc_health", port=1, service="x" * 200)
