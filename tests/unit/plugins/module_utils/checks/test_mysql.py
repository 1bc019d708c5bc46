# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

Run = Callable[..., dict[str, Any]]
Serve = Callable[[Callable[[socket.socket], None]], int]


def says(packet: bytes) -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        connection.sendall(len(packet).to_bytes(3, "little") + b"\0" + packet)

    return talk


GREETING = b"\x0a8.0.36\0" + b"\x01\0\0\0" + b"saltsalt" + b"\0" + b"\xff\xf7" + b"\x21\x02\0" + bytes(50)


def test_a_greeting(run: Run, serve: Serve) -> None:
    port = serve(says(GREETING))
    assert run("mysql", port=port, version={"matches": r"^8\."})["status"] == "ok"
    assert "expected tls true, observed false" in run("mysql", port=port, tls=True)["message"]
    assert run("mysql", port=serve(says(GREETING.replace(b"\xff\xf7", b"\xff\xff"))), tls=True)["status"] == "ok"


def test_one_that_is_full(run: Run, serve: Serve) -> None:
    port = serve(says(b"\xff\x10\x04Too many connections"))
    assert "expected ready true, observed false (error 1040: Too many connections)" in run("mysql", port=port)["message"]


def test_another_protocol(run: Run, serve: Serve) -> None:
    assert "does not speak the protocol of MySQL" in run("mysql", port=serve(says(b"SSH")))["message"]


def test_one_that_never_answers(run: Run, listener: socket.socket) -> None:
    assert "did not answer within 0.3 s" in run("mysql", port=listener.getsockname()[1], timeout_="300ms")["message"]
