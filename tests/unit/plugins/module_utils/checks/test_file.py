# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., dict[str, Any]]


def test_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("hello world")
    path.chmod(0o640)
    assert run("file", path=str(path), mode="0640", contains="world")["status"] == "ok"
    assert run("file", path=str(path), exists=False)["status"] == "failed"
    assert "expected mode 0600, observed 0640" in run("file", path=str(path), mode="0600")["message"]
    assert "hello" not in str(run("file", path=str(path), contains="nothing"))
    assert "expected owner nobody-here, observed " in run("file", path=str(path), owner="nobody-here")["message"]


def test_file_that_is_not_there(run: Run, tmp_path: Path) -> None:
    assert "expected exists true, observed false" in run("file", path=str(tmp_path / "none"), mode="0600")["message"]
    assert run("file", path=str(tmp_path / "none"), exists=False)["status"] == "ok"


def test_a_directory_has_no_content(run: Run, tmp_path: Path) -> None:
    assert run("file", path=str(tmp_path), mode="0700")["status"] == "ok"
    assert "not a regular file" in run("file", path=str(tmp_path), contains="x")["message"]
