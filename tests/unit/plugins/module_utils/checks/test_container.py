# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Against a stand-in for the engine's socket."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., dict[str, Any]]
STATE = {"Status": "running", "StartedAt": "2026-01-01", "Health": {"Status": "healthy"}, "ExitCode": 0}
SHOP = {"Id": "abc", "RestartCount": 2, "State": STATE, "Config": {"Image": "shop:1.4"}}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[str]:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        server.listen()

        def answer() -> None:
            while True:
                try:
                    connection, _address = server.accept()
                except OSError:
                    return
                with connection:
                    asked = connection.recv(4096).decode().split(" ")[1]
                    found = {
                        "/containers/shop/json": (200, SHOP),
                        "/containers/old/json": (200, {**SHOP, "State": {**STATE, "Status": "exited", "ExitCode": 137}}),
                    }
                    code, body = found.get(asked, (404, {"message": "No such container"}))
                    text = json.dumps(body)
                    connection.sendall(("HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (code, len(text), text)).encode())

        threading.Thread(target=answer, daemon=True).start()
        yield str(tmp_path / "s")


def test_a_container(run: Run, engine: str) -> None:
    assert run("container", name="shop", socket=engine, health="healthy", restarts=2, image="shop:")["status"] == "ok"
    assert "expected restarts at most 0, observed 2" in run("container", name="shop", socket=engine, restarts=0)["message"]


def test_one_that_has_ended(run: Run, engine: str) -> None:
    assert "expected state running, observed exited (exit 137)" in run("container", name="old", socket=engine)["message"]


def test_one_that_does_not_exist(run: Run, engine: str) -> None:
    assert "expected state running, observed missing (No such container)" in run("container", name="../x", socket=engine)["message"]


def test_no_engine(run: Run) -> None:
    assert "observed nothing (/nowhere: FileNotFoundError" in run("container", name="shop", socket="/nowhere")["message"]
