# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        server.listen()
        yield tmp_path / "s"


def test_a_socket_takes_connections(run: Run, path: Path) -> None:
    path.chmod(0o600)
    assert run("unix_socket", path=str(path), mode="0600")["status"] == "ok"


def test_a_socket_that_never_answers(run: Run, path: Path) -> None:
    assert "did not answer within 0.3 s" in run("unix_socket", path=str(path), answer="x", timeout_="300ms")["message"]


def test_what_does_not_take_connections(run: Run, tmp_path: Path) -> None:
    assert "No such file" in run("unix_socket", path=str(tmp_path / "none"))["message"]
    assert "it is no socket" in run("unix_socket", path=str(tmp_path))["message"]
    with socket.socket(socket.AF_UNIX) as deserted:
        deserted.bind(str(tmp_path / "old"))
    assert "Connection refused" in run("unix_socket", path=str(tmp_path / "old"))["message"]
