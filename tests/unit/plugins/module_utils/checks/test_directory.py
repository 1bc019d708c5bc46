# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., dict[str, Any]]


def test_what_is_in_a_directory(run: Run, tmp_path: Path) -> None:
    for name, age in (("a.log", 60), ("b.log", 7200), ("c.txt", 90000)):
        (tmp_path / name).write_text("12345")
        os.utime(tmp_path / name, (0, time.time() - age))
    assert (
        run("directory", path=str(tmp_path), pattern="*.log", count={"equals": 2}, newest="2m", oldest="3h", size="1kB")["status"] == "ok"
    )
    assert "expected oldest at most 3 h, observed 25 h" in run("directory", path=str(tmp_path), oldest="3h")["message"]
    assert "expected count at least 4, observed 3" in run("directory", path=str(tmp_path), count=4)["message"]
    assert "expected size at most 10 B, observed 15 B" in run("directory", path=str(tmp_path), size=10)["message"]


def test_no_directory(run: Run, tmp_path: Path) -> None:
    assert "observed false (No such file" in run("directory", path=str(tmp_path / "none"))["message"]
    (tmp_path / "file").write_text("")
    assert "observed false (Not a directory" in run("directory", path=str(tmp_path / "file"))["message"]
