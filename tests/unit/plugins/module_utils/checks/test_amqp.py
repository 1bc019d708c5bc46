# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., dict[str, Any]]
Serve = Callable[[Callable[[socket.socket], None]], int]


def frame(number: int, content: bytes) -> bytes:
    method = b"\0\x0a" + number.to_bytes(2, "big") + content
    return b"\x01\0\0" + len(method).to_bytes(4, "big") + method + b"\xce"


PROPERTIES = b"\x07productS\0\0\0\x08RabbitMQ\x07versionS\0\0\0\x063.13.1"
START = frame(10, b"\0\x09" + len(PROPERTIES).to_bytes(4, "big") + PROPERTIES + b"\0\0\0\x05PLAIN\0\0\0\x05en_US")
HEARTBEAT = b"\x08\0\0\0\0\0\0\xce"


def talk(connection: socket.socket) -> None:
    connection.recv(8)
    connection.sendall(START)
    if b"\0shop\0s3cret" not in connection.recv(4096):
        return  # as RabbitMQ does
    connection.sendall(HEARTBEAT + frame(30, b"\0\x0a\0\x02\0\0\0\x3c"))
    asked = b""
    while b"\0\x0a\0\x28" not in asked:
        asked += connection.recv(4096)
    refused = frame(50, b"\x02\x12" + b"\x17no access to this vhost" + b"\0\0\0\0")
    connection.sendall(refused if b"\x05other" in asked else frame(41, b"\0"))


@pytest.fixture
def login(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "password").write_text("s3cret\n")
    return {"user": "shop", "password_file": str(tmp_path / "password")}


def test_a_session(run: Run, serve: Serve, login: dict[str, str]) -> None:
    port = serve(talk)
    assert run("amqp", port=port, product="RabbitMQ", version={"matches": r"^3\."})["status"] == "ok"
    assert run("amqp", port=port, **login, logged_in=True)["status"] == "ok"


def test_what_is_not_granted(run: Run, serve: Serve, login: dict[str, str], tmp_path: Path) -> None:
    port = serve(talk)
    assert (
        "observed false (530 no access to this vhost)" in run("amqp", port=port, **login, virtual_host="other", logged_in=True)["message"]
    )
    (tmp_path / "password").write_text("wr0ng\n")
    result = run("amqp", port=port, **login, logged_in=True)
    assert "it closed the connection at the login" in result["message"] and "wr0ng" not in str(result)


def test_another_version(run: Run, serve: Serve) -> None:
    port = serve(lambda connection: (connection.recv(8) and connection.sendall(b"AMQP\0\1\0\0")) or None)
    assert "it speaks AMQP 1-0-0 only" in run("amqp", port=port)["message"]


def test_one_that_never_answers(run: Run, listener: socket.socket) -> None:
    assert "did not answer within 0.3 s" in run("amqp", port=listener.getsockname()[1], timeout_="300ms")["message"]


def test_half_a_login_is_refused(run: Run) -> None:
    with pytest.raises(ValueError, match="`user` and `password_file` together"):
        run("amqp", user="shop")
