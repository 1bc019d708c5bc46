# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def server() -> Iterator[int]:
    """Answer what it is sent, the second time that it is sent something; nothing to `silence`."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))

        def answer() -> None:
            seen: set[bytes] = set()
            while True:
                try:
                    data, address = listening.recvfrom(512)
                except OSError:
                    return
                if data in seen and data != b"silence":
                    listening.sendto(b"echo " + data, address)
                seen.add(data)

        threading.Thread(target=answer, daemon=True).start()
        yield listening.getsockname()[1]


def test_an_answer_and_a_lost_packet(run: Run, server: int) -> None:
    result = run("udp", port=server, send="hello", answer="echo hello")
    assert result["status"] == "ok", result["message"]
    assert result["measured"]["milliseconds"] >= 1900, "the first packet was lost, the second one is answered"
    message = run("udp", port=server, send="hello", answer="bye")["message"]
    assert "expected answer containing bye, observed 10 characters without it" in message


def test_a_service_that_never_answers(run: Run, server: int) -> None:
    started = time.monotonic()
    message = run("udp", port=server, send="silence", timeout_="700ms")["message"]
    assert "expected answers true, observed false (it does not answer within 0.7 s)" in message
    assert time.monotonic() - started < 3
    assert run("udp", port=server, send="silence", answers=False, timeout_="300ms")["status"] == "ok"


def test_nobody_there(run: Run, closed_port: int) -> None:
    assert "Connection refused" in run("udp", port=closed_port)["message"]


def test_a_name_that_nobody_knows(run: Run) -> None:
    assert "observed false (gaierror: " in run("udp", port=1, host="none.invalid")["message"]
