# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

Run = Callable[..., dict[str, Any]]
Serve = Callable[[Callable[[socket.socket], None]], int]


def server(greeting: bytes = b"220-mail.example.test\r\n220 ready\r\n", refuses_tls: bool = False) -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        connection.sendall(greeting)
        while asked := connection.recv(4096):
            if asked.startswith(b"EHLO"):
                connection.sendall(b"250-mail\r\n250-SIZE 1000\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n")
            elif asked.startswith(b"STARTTLS"):
                connection.sendall(b"454 no TLS now\r\n" if refuses_tls else b"220 go on\r\n")

    return talk


def test_a_mail_server(run: Run, serve: Serve) -> None:
    port = serve(server())
    assert run("smtp", port=port, offers="AUTH")["status"] == "ok"
    assert "containing DSN, observed SIZE, STARTTLS, AUTH" in run("smtp", port=port, offers="DSN")["message"]


def test_one_that_refuses_everybody(run: Run, serve: Serve) -> None:
    assert "expected code 220, observed 554 (no)" in run("smtp", port=serve(server(b"554 no\r\n")))["message"]


def test_one_that_offers_tls_and_does_not_take_it_up(run: Run, serve: Serve) -> None:
    assert "expected starttls true, observed false" in run("smtp", port=serve(server(refuses_tls=True)), starttls=True)["message"]


def test_another_protocol(run: Run, serve: Serve) -> None:
    assert "it does not speak SMTP" in run("smtp", port=serve(server(b"SSH-2.0-x\r\n")))["message"]


def test_one_that_never_answers(run: Run, listener: socket.socket) -> None:
    assert "did not answer within 0.3 s" in run("smtp", port=listener.getsockname()[1], timeout_="300ms")["message"]
