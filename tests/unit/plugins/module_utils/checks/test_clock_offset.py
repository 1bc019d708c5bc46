# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Against a time server of our own on loopback, and stand-ins for the host's programs."""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., dict[str, Any]]
Server = Callable[..., int]


@pytest.fixture
def server() -> Iterator[Server]:
    sockets: list[socket.socket] = []

    def made(wrong: float, stratum: int = 2, echo: bool = True) -> int:
        listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sockets.append(listening)
        listening.bind(("127.0.0.1", 0))

        def answer() -> None:
            while True:
                try:
                    question, address = listening.recvfrom(512)
                except OSError:
                    return
                now = time.time() + 2208988800 + wrong
                stamp = struct.pack("!II", int(now), int(now % 1 * 2**32))
                origin = question[40:48] if echo else bytes(8)
                listening.sendto(bytes([0x24, stratum]) + bytes(22) + origin + stamp + stamp, address)

        threading.Thread(target=answer, daemon=True).start()
        return int(listening.getsockname()[1])

    yield made
    for one in sockets:
        one.close()


def test_a_right_clock(run: Run, server: Server) -> None:
    assert run("clock_offset", server="127.0.0.1", port=server(0), stratum=3, synchronized=True)["status"] == "ok"


def test_a_wrong_clock(run: Run, server: Server) -> None:
    message = run("clock_offset", server="127.0.0.1", port=server(120.0))["message"]
    assert "expected offset at most 0.5 s, observed 120" in message or "observed 2 min" in message
    assert "-120." in message or "-119.9" in message


def test_a_server_that_does_not_know_the_time(run: Run, server: Server) -> None:
    assert (
        "expected synchronized true, observed false"
        in run("clock_offset", server="127.0.0.1", port=server(0, 16), synchronized=True)["message"]
    )


def test_a_server_that_answers_nobody(run: Run, server: Server) -> None:
    """An answer to another question is none."""
    port = server(0, echo=False)
    assert "does not answer within 0.4 s" in run("clock_offset", server="127.0.0.1", port=port, timeout_="400ms")["message"]


def programs(folder: Path, monkeypatch: pytest.MonkeyPatch, **outputs: str) -> None:
    for name, text in outputs.items():
        (folder / name).write_text("#!/bin/sh\ncase $1 in timesync-status) echo '  Offset: -1.5ms';; *) echo '%s';; esac\n" % text)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", "%s%s/bin" % (folder, os.pathsep))


def test_what_chrony_says(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs(tmp_path, monkeypatch, chronyc="C0000201,192.0.2.1,3,1764110000.1,-0.75,0,0,0,0,0,0,0,64.2,Normal")
    message = run("clock_offset", stratum=5, synchronized=True)["message"]
    assert "expected offset at most 0.5 s, observed 0.75 s (chrony, reference 192.0.2.1)" in message
    programs(tmp_path, monkeypatch, chronyc="7F7F0101,,0,0,0,0,0,0,0,0,0,0,0,Not synchronised")
    assert "expected synchronized true, observed false" in run("clock_offset", synchronized=True)["message"]


def test_what_systemd_says(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs(tmp_path, monkeypatch, timedatectl="yes", chronyc="506 Cannot talk to daemon")
    result = run("clock_offset", synchronized=True)
    assert (result["status"], result["measured"]) == ("ok", {"offset": 0.0015})
    programs(tmp_path, monkeypatch, timedatectl="no")
    assert "expected synchronized true, observed false" in run("clock_offset", synchronized=True)["message"]
