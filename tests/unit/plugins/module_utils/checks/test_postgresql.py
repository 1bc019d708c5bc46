# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Against a stand-in that asks for passwords in each way; the real server is in tests/integration."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., dict[str, Any]]
Serve = Callable[[Callable[[socket.socket], None]], int]


def message(kind: bytes, content: bytes) -> bytes:
    return kind + (len(content) + 4).to_bytes(4, "big") + content


def asks(number: int, more: bytes = b"") -> bytes:
    return message(b"R", number.to_bytes(4, "big") + more)


GREETING = asks(0) + message(b"S", b"server_version\x0015.8 (Debian)\0") + message(b"Z", b"I")
REFUSED = message(b"E", b'SFATAL\0C28P01\0Mpassword authentication failed for user "shop"\0\0')


def _scram(connection: socket.socket) -> bool:
    connection.sendall(asks(10, b"SCRAM-SHA-256\0\0"))
    first = connection.recv(4096).split(b"n,,", 1)[1].decode()
    salt = b"0123456789abcdef"
    challenge = "r=%sserver,s=%s,i=4096" % (first.split("r=")[1], base64.b64encode(salt).decode())
    connection.sendall(asks(11, challenge.encode()))
    last, proof = connection.recv(4096)[5:].decode().rsplit(",p=", 1)
    salted = hashlib.pbkdf2_hmac("sha256", b"s3cret", salt, 4096)
    client = hmac.new(salted, b"Client Key", "sha256").digest()
    signed = ",".join([first, challenge, last]).encode()
    signature = hmac.new(hashlib.sha256(client).digest(), signed, "sha256").digest()
    if base64.b64decode(proof) != bytes(a ^ b for a, b in zip(client, signature, strict=True)):
        return False
    verifier = hmac.new(hmac.new(salted, b"Server Key", "sha256").digest(), signed, "sha256").digest()
    connection.sendall(asks(12, b"v=" + base64.b64encode(verifier)))
    return True


def server(way: str) -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        connection.recv(4096)
        good = way == "trust"
        if way == "plain":
            connection.sendall(asks(3))
            good = connection.recv(4096)[5:] == b"s3cret\0"
        elif way == "md5":
            connection.sendall(asks(5, b"salt"))
            inner = hashlib.md5(b"s3cretshop").hexdigest().encode()
            good = connection.recv(4096)[5:] == b"md5" + hashlib.md5(inner + b"salt").hexdigest().encode() + b"\0"
        elif way == "scram":
            try:
                good = _scram(connection)
            except IndexError:  # the client left when it was asked
                return
        elif way == "starting":
            connection.sendall(message(b"E", b"SFATAL\0C57P03\0Mthe database system is starting up\0\0"))
            return
        connection.sendall(GREETING if good else REFUSED)
        if good and connection.recv(4096)[:1] == b"Q":
            connection.sendall(message(b"D", b"\0\1\0\0\0\1t") + message(b"Z", b"I"))

    return talk


@pytest.fixture
def password(tmp_path: Path) -> str:
    (tmp_path / "password").write_text("s3cret\n")
    return str(tmp_path / "password")


@pytest.mark.parametrize("way", ["trust", "plain", "md5", "scram"])
def test_logins(run: Run, serve: Serve, password: str, way: str) -> None:
    result = run("postgresql", port=serve(server(way)), user="shop", password_file=password, logged_in=True, version="15.8", recovery=True)
    assert result["status"] == "ok", result["message"]


@pytest.mark.parametrize("way", ["plain", "md5", "scram"])
def test_a_wrong_password_is_not_told(run: Run, serve: Serve, tmp_path: Path, way: str) -> None:
    (tmp_path / "password").write_text("wr0ng\n")
    result = run("postgresql", port=serve(server(way)), user="shop", password_file=str(tmp_path / "password"), logged_in=True)
    assert "expected logged_in true, observed false (28P01 password authentication failed" in result["message"]
    assert "wr0ng" not in str(result)


def test_a_server_that_asks_for_a_password_is_ready(run: Run, serve: Serve) -> None:
    port = serve(server("scram"))
    assert run("postgresql", port=port)["status"] == "ok"
    assert "observed false (it asks for a password)" in run("postgresql", port=port, logged_in=True)["message"]


def test_one_that_starts_up_is_not_ready(run: Run, serve: Serve) -> None:
    port = serve(server("starting"))
    assert "expected ready true, observed false (57P03 the database system is starting up)" in run("postgresql", port=port)["message"]


def test_one_without_tls(run: Run, serve: Serve) -> None:
    port = serve(lambda connection: (connection.recv(4096) and connection.sendall(b"N")) or None)
    assert "it does not talk TLS" in run("postgresql", port=port, tls=True)["message"]


def test_one_that_never_answers(run: Run, listener: socket.socket) -> None:
    assert "did not answer within 0.3 s" in run("postgresql", port=listener.getsockname()[1], timeout_="300ms")["message"]
