# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., dict[str, Any]]


def test_who_listens(run: Run, listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    assert run("listening", port=port, addresses="127.0.0.1")["status"] == "ok"
    assert "expected addresses containing 0.0.0.0, observed 127.0.0.1" in run("listening", port=port, addresses="0.0.0.0")["message"]
    assert "expected listening false, observed true" in run("listening", port=port, listening=False)["message"]


def test_nobody_listens(run: Run, closed_port: int) -> None:
    assert "expected listening true, observed false" in run("listening", port=closed_port)["message"]


def test_udp(run: Run) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        assert run("listening", port=bound.getsockname()[1], protocol="udp")["status"] == "ok"


def test_another_protocol_is_refused(run: Run) -> None:
    with pytest.raises(ValueError, match="`protocol` is tcp or udp"):
        run("listening", port=1, protocol="sctp")
