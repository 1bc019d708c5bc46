# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process is asked first, then those that started it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import ancestry


def test_a_variable_is_found_with_the_nearest_parent() -> None:
    inner = [sys.executable, "-c", "import time; time.sleep(60)"]
    outer = [sys.executable, "-c", f"import subprocess; p = subprocess.Popen({inner!r}, env={{}}); print(p.pid, flush=True); p.wait()"]
    process = subprocess.Popen(
        outer, env={**os.environ, "GROUNDWORK_TRIAL": "found"}, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert process.stdout is not None
        number = int(process.stdout.readline())
        assert ancestry.inherited("GROUNDWORK_TRIAL", number) == "found"
        assert ancestry.inherited("GROUNDWORK_OTHER", number) == ""
    finally:
        os.killpg(process.pid, 9)
        process.wait()


def process(root: Path, number: int, parent: int, environ: bytes = b"") -> None:
    (root / str(number)).mkdir()
    (root / str(number) / "status").write_text(f"Name:\tx\nPid:\t{number}\nPPid:\t{parent}\n")
    (root / str(number) / "environ").write_bytes(environ)


@pytest.fixture
def processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(ancestry, "PROCESSES", str(tmp_path))
    return tmp_path


def test_the_line_of_parents_ends_at_the_first(processes: Path) -> None:
    process(processes, 9, 8)
    process(processes, 8, 1)
    process(processes, 1, 0)
    assert [number for number, _status in ancestry.generations(9)] == [9, 8, 1]


def test_a_loop_ends(processes: Path) -> None:
    process(processes, 9, 9)
    assert len(list(ancestry.generations(9))) == ancestry.GENERATIONS


def test_a_process_that_is_gone_tells_nothing(processes: Path) -> None:
    process(processes, 9, 8, b"A=1\0")
    assert ancestry.inherited("A", 9) == "1"
    assert ancestry.inherited("B", 9) == ""
    assert ancestry.inherited("A", 7) == ""


def test_an_empty_variable_does_not_hide_that_of_a_parent(processes: Path) -> None:
    process(processes, 9, 8, b"A=\0B=x=y\0")
    process(processes, 8, 1, b"A=far\0")
    assert (ancestry.inherited("A", 9), ancestry.inherited("B", 9)) == ("far", "x=y")
