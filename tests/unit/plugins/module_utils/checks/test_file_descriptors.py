# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., dict[str, Any]]


def test_those_of_the_host(run: Run) -> None:
    assert run("file_descriptors", percent={"between": [0, 100]})["status"] == "ok"


def test_those_of_a_program(run: Run, tmp_path: Path) -> None:
    name = Path("/proc/self/comm").read_text().strip()
    before = run("file_descriptors", name=name)["measured"]["used"]
    assert before >= 3
    handles = [os.open("/dev/null", os.O_RDONLY) for _each in range(50)]
    try:
        assert "expected used at most 10" in run("file_descriptors", name=name, used=10)["message"]
    finally:
        for handle in handles:
            os.close(handle)


def test_a_program_that_does_not_run(run: Run) -> None:
    assert "observed nothing (no process has this name)" in run("file_descriptors", name="nowhere")["message"]
