# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the file system says is made up here, but for one that is really full."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def made(**other: int) -> None:
        plain = {
            "f_blocks": 1000,
            "f_bfree": 500,
            "f_bavail": 400,
            "f_frsize": 4096,
            "f_files": 100,
            "f_ffree": 50,
            "f_favail": 50,
            "f_flag": 0,
        }
        monkeypatch.setattr(os, "statvfs", lambda _path: SimpleNamespace(**{**plain, **other}))

    return made


def test_room(run: Run, says: Callable[..., None]) -> None:
    says()
    result = run("disk", warn_={"percent": 50})
    assert result["status"] == "warning"
    assert "expected percent at most 50, observed 55.56" in result["message"]
    assert result["limits"]["percent"] == {"critical": [None, 90.0], "warning": [None, 50.0]}
    assert "expected free at least 2 MiB, observed 1.6 MiB" in run("disk", free="2MiB")["message"]


def test_a_full_inode_table_is_told_as_such(run: Run, says: Callable[..., None]) -> None:
    says(f_ffree=1, f_favail=1)
    assert "expected inodes at most 90, observed 99" in run("disk")["message"]
    assert "expected free_inodes at least 10, observed 1" in run("disk", inodes=100, free_inodes=10)["message"]


def test_read_only(run: Run, says: Callable[..., None]) -> None:
    says(f_flag=os.ST_RDONLY)
    assert "expected read_only false, observed true" in run("disk")["message"]
    assert run("disk", read_only=True)["status"] == "ok"


def test_a_file_system_without_inodes(run: Run, says: Callable[..., None]) -> None:
    says(f_files=0, f_ffree=0, f_favail=0)
    assert run("disk")["status"] == "ok"


def test_a_path_that_is_not_there(run: Run) -> None:
    assert "No such file" in run("disk", path="/nowhere")["message"]


def test_a_real_full_inode_table(run: Run, tmp_path: Path) -> None:
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "nr_inodes=20,size=1m", "none", tmp_path], check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        with contextlib.suppress(OSError):
            for number in range(20):
                (tmp_path / str(number)).touch()
        message = run("disk", path=str(tmp_path))["message"]
        assert "expected inodes at most 90, observed 100" in message and "percent at" not in message
    finally:
        subprocess.run(["umount", tmp_path], check=True)
