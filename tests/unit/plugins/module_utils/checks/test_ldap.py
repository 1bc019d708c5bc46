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


def talk(connection: socket.socket) -> None:
    asked = connection.recv(4096)
    code = 0 if b"\x80\x06s3cret" in asked or asked.endswith(b"\x04\0\x80\0") else 49
    connection.sendall(b"\x30\x84\0\0\0\x0c\x02\x01\x01\x61\x07\x0a\x01" + bytes([code]) + b"\x04\0\x04\0")


def test_logins(run: Run, serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("s3cret\n")
    port, file = serve(talk), str(tmp_path / "password")
    assert run("ldap", port=port)["status"] == "ok"
    user = "cn=%s,dc=example,dc=test" % ("x" * 150)
    assert run("ldap", port=port, user=user, password_file=file)["status"] == "ok"
    (tmp_path / "password").write_text("wr0ng\n")
    result = run("ldap", port=port, user=user, password_file=file)
    assert "expected bound true, observed false (invalid credentials)" in result["message"] and "wr0ng" not in str(result)
    assert run("ldap", port=port, user=user, password_file=file, bound=False, code=49)["status"] == "ok"


def test_another_protocol(run: Run, serve: Serve) -> None:
    assert "it does not speak LDAP" in run("ldap", port=serve(lambda connection: connection.sendall(b"SSH-2.0-x\r\n")))["message"]


def test_one_that_never_answers(run: Run, listener: socket.socket) -> None:
    assert "did not answer within 0.3 s" in run("ldap", port=listener.getsockname()[1], timeout_="300ms")["message"]


def test_half_a_login_is_refused(run: Run) -> None:
    with pytest.raises(ValueError, match="`user` and `password_file` together"):
        run("ldap", user="cn=x")
