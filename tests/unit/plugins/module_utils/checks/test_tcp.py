# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

Run = Callable[..., dict[str, Any]]


def test_tcp(run: Run, listener: socket.socket) -> None:
    assert run("tcp", port=listener.getsockname()[1])["status"] == "ok"


def test_tcp_closed(run: Run, closed_port: int) -> None:
    result = run("tcp", port=closed_port)
    assert result["status"] == "failed"
    assert "Connection refused" in result["message"]
    assert run("tcp", port=closed_port, open=False)["status"] == "ok"
