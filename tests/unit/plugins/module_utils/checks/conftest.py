# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check types against real sockets, files and processes of this machine."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import checks as registry
from ansible_collections.groundwork.fleet.plugins.module_utils import health, health_input, health_run

FOLDER = Path(registry.__file__).parent
Run = Callable[..., dict[str, Any]]


def _run(check_type: str, **options: Any) -> dict[str, Any]:
    """Return the result of one check, as the module would."""
    known = [path.stem for path in FOLDER.glob("*.py")]
    load = lambda name: health.load_type(name, (FOLDER / (name + ".py")).read_text())  # noqa: E731
    return health_run.run(health_input.parse({"it": {check_type: options, "timeout": 5}}, known, load, 10), 10)["it"]


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
