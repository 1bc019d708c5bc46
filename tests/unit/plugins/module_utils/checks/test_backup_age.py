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


def test_the_newest_backup_counts(run: Run, tmp_path: Path) -> None:
    for name, age, size in (("1.dump", 200000, 500), ("2.dump", 3600, 0)):
        (tmp_path / name).write_bytes(b"x" * size)
        os.utime(tmp_path / name, (0, time.time() - age))
    pattern = str(tmp_path / "*.dump")
    assert "expected size at least 1 B, observed 0 B (2.dump)" in run("backup_age", path=pattern)["message"]
    (tmp_path / "2.dump").write_bytes(b"x")
    assert run("backup_age", path=pattern, count=2)["status"] == "ok"
    os.utime(tmp_path / "2.dump", (0, time.time() - 190000))
    assert "expected age at most 36 h, observed 2.2 d (2.dump)" in run("backup_age", path=pattern)["message"]


def test_no_backup(run: Run, tmp_path: Path) -> None:
    assert "observed nothing (there is none)" in run("backup_age", path=str(tmp_path / "*"))["message"]
