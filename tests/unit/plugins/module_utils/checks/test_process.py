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

import pytest

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


def test_more_about_a_process(run: Run, tmp_path: Path) -> None:
    program = tmp_path / ("talker%d" % os.getpid())
    program.symlink_to(str(shutil.which("sleep")))
    me = (tmp_path).owner()
    with subprocess.Popen([program, "61"]) as process:
        try:
            assert run("process", command=r"talker\d+ 61$", user=me, memory="1GiB", zombies=0)["status"] == "ok"
            assert "expected count at least 1, observed 0" in run("process", name=program.name, user="daemon")["message"]
            assert "expected age at least 60 min" in run("process", name=program.name, age="1h")["message"]
        finally:
            process.kill()


def test_a_zombie_does_not_run(run: Run, tmp_path: Path) -> None:
    name = "zombie%d" % (os.getpid() % 10000)
    (tmp_path / name).symlink_to(str(shutil.which("true")))
    with subprocess.Popen([tmp_path / name]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and is not asked how
        result = run("process", name=name, zombies=0)
    assert "expected count at least 1, observed 0" in result["message"]
    assert "expected zombies 0, observed 1" in result["message"]


def test_a_check_without_a_name_is_refused(run: Run) -> None:
    with pytest.raises(ValueError, match=r"Give `name` or `command`"):
        run("process", minimum=1)
    with pytest.raises(ValueError, match="does not compile"):
        run("process", command="(")
