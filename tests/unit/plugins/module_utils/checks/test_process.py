# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., dict[str, Any]]


def test_process(run: Run, tmp_path: Path) -> None:
    program = tmp_path / ("sleeper%d" % os.getpid())
    program.symlink_to(str(shutil.which("sleep")))
    assert run("process", name=program.name)["status"] == "failed"
    with subprocess.Popen([program, "60"]) as first, subprocess.Popen([program, "60"]) as second:
        try:
            assert run("process", name=program.name, minimum=2)["status"] == "ok"
            assert "expected count at most 1, observed 2" in run("process", name=program.name, maximum=1)["message"]
        finally:
            first.kill()
            second.kill()
