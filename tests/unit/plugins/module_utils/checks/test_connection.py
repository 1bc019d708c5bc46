# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., dict[str, Any]]


def test_connection(run: Run, listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    assert run("connection", host="127.0.0.1", port=port)["observed"] == {"established": "false"}
    with socket.create_connection(("127.0.0.1", port)):
        assert run("connection", host="localhost", port=port)["status"] == "ok"


def test_a_connection_to_one_of_several(run: Run, listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    others = ["127.0.0.3:%d" % port, "127.0.0.1:%d" % port]
    assert run("connection", host="127.0.0.2", port=port, others=others)["status"] != "ok"
    with socket.create_connection(("127.0.0.1", port)):
        assert run("connection", host="127.0.0.2", port=port, others=others)["status"] == "ok"
        assert run("connection", host="127.0.0.2", port=port, others=others[:1])["status"] != "ok"


def test_connection_over_ipv6(run: Run) -> None:
    try:
        server = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with server, socket.create_connection(("::1", server.getsockname()[1])):
        assert run("connection", host="::1", port=server.getsockname()[1])["status"] == "ok"
