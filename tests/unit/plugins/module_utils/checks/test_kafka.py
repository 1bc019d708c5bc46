# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

Run = Callable[..., dict[str, Any]]
Serve = Callable[[Callable[[socket.socket], None]], int]


def broker(number: int, rack: bytes) -> bytes:
    return number.to_bytes(4, "big") + b"\0\x02k1" + (9092).to_bytes(4, "big") + rack


def server(error: bytes = b"\0\0", controller: bytes = b"\0\0\0\1") -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        while request := connection.recv(4096):
            if request[4:6] == b"\0\x12":
                answer = error + b"\0\0\0\1\0\x12\0\0\0\3"
            else:
                answer = b"\0\0\0\2" + broker(1, b"\xff\xff") + broker(2, b"\0\x02r1") + controller + b"\0\0\0\0"
            answer = request[8:12] + answer
            connection.sendall(len(answer).to_bytes(4, "big") + answer)

    return talk


def test_a_broker(run: Run, serve: Serve) -> None:
    assert run("kafka", port=serve(server()))["status"] == "ok"
    assert run("kafka", port=serve(server()), brokers=2, controller=True)["status"] == "ok"


def test_a_cluster_that_lacks_something(run: Run, serve: Serve) -> None:
    port = serve(server(controller=b"\xff\xff\xff\xff"))
    message = run("kafka", port=port, brokers=3, controller=True)["message"]
    assert "expected brokers at least 3, observed 2; expected controller true, observed false" in message


def test_an_error(run: Run, serve: Serve) -> None:
    assert "expected ready true, observed false (error 35)" in run("kafka", port=serve(server(error=b"\0\x23")))["message"]


def test_another_protocol(run: Run, serve: Serve) -> None:
    port = serve(lambda connection: (connection.recv(4096) and connection.sendall(b"\0\0\0\x08SSH-2.0-")) or None)
    assert "does not speak the protocol of Kafka" in run("kafka", port=port)["message"]
    port = serve(lambda connection: (connection.recv(4096) and connection.sendall(b"HTTP/1.1 400 Bad")) or None)
    assert "claims to have" in run("kafka", port=port)["message"]


def test_one_that_never_answers(run: Run, listener: socket.socket) -> None:
    assert "did not answer within 0.3 s" in run("kafka", port=listener.getsockname()[1], timeout_="300ms")["message"]
