# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check types against real sockets, files and processes of this machine."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import checks as registry
from ansible_collections.groundwork.fleet.plugins.module_utils import health, health_input, health_run

FOLDER = Path(registry.__file__).parent
Run = Callable[..., dict[str, Any]]


def _run(check_type: str, **options: Any) -> dict[str, Any]:
    """Return the result of one check, as the module would; `timeout_` and `warn_` are settings of the check itself."""
    settings = {name: options.pop(name + "_") for name in ("timeout", "warn") if name + "_" in options}
    known = [path.stem for path in FOLDER.glob("*.py")]
    load = lambda name: health.load_type(name, (FOLDER / (name + ".py")).read_text())  # noqa: E731
    return health_run.run(health_input.parse({"it": {check_type: options, "timeout": 5, **settings}}, known, load, 10), 10)["it"]


@pytest.fixture
def run() -> Run:
    """Return what runs one check: `run(type, **options)`."""
    return _run


@pytest.fixture
def fake_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Return what puts a program on the path that prints a text, whatever it is asked: `fake_program(name, text)`."""
    monkeypatch.setattr(health, "SHARED_FOR", 0.0)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    def make(name: str, text: str) -> None:
        (tmp_path / (name + ".txt")).write_text(text)
        (tmp_path / name).write_text("#!/bin/sh\ncat %s.txt\n" % (tmp_path / name))
        (tmp_path / name).chmod(0o755)

    return make


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture
def closed_port(listener: socket.socket) -> int:
    port: int = listener.getsockname()[1]
    listener.close()
    return port


Serve = Callable[[Callable[[socket.socket], None]], int]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return what makes a server: each connection is handed to the function; the answer is its port."""
    servers: list[socket.socket] = []

    def made(talk: Callable[[socket.socket], None]) -> int:
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def each(connection: socket.socket) -> None:
            with connection, contextlib.suppress(OSError):  # the other side has left
                talk(connection)

        def accept() -> None:
            while True:
                try:
                    connection, _address = server.accept()
                except OSError:  # the test has ended
                    return
                threading.Thread(target=each, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        return int(server.getsockname()[1])

    yield made
    for server in servers:
        server.close()
