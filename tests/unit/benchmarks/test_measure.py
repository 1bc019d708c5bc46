# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A measured command: its time, its processes wherever they went, its memory."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks import measure

ROLLUP = """55f000000000-7ffd00000000 ---p 00000000 00:00 0    [rollup]
Rss:               10240 kB
Pss:                4096 kB
Pss_Dirty:          2048 kB
"""


def python(program: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", program, *arguments]


def test_proportional_size() -> None:
    assert measure.proportional_size(ROLLUP) == 4096 * 1024
    assert measure.proportional_size("") == 0


def test_mark() -> None:
    environment = b"HOME=/root\0GROUNDWORK_BENCHMARK=abc\0LANG=C\0"
    assert measure.has_mark(environment, "abc")
    assert not measure.has_mark(environment, "ab")
    assert not measure.has_mark(b"", "abc")


def process(proc: Path, number: int, mark: str, kilobytes: int, ticks: int) -> None:
    folder = proc / str(number)
    folder.mkdir()
    (folder / "environ").write_bytes(f"A=1\0{measure.MARK}={mark}\0".encode())
    (folder / "smaps_rollup").write_text(f"[rollup]\nPss: {kilobytes} kB\n")
    (folder / "stat").write_text(f"{number} (a (strange) name) S 1 1 1 0 -1 0 0 0 0 0 {ticks} {ticks} 0 0 20 0\n")


def test_processes_of_one_mark_are_added(tmp_path: Path) -> None:
    process(tmp_path, 10, "mine", 100, 50)
    process(tmp_path, 11, "mine", 200, 50)
    process(tmp_path, 12, "other", 400, 1000)
    (tmp_path / "13").mkdir()  # ended while it was looked at
    (tmp_path / "self").mkdir()
    found = measure.Processes("mine", tmp_path)
    assert found.memory() == 300 * 1024
    assert found.processor() == pytest.approx(200 / os.sysconf("SC_CLK_TCK"))


def test_a_process_that_comes_later_is_found(tmp_path: Path) -> None:
    found = measure.Processes("mine", tmp_path)
    process(tmp_path, 12, "other", 400, 0)
    assert found.memory() == 0
    process(tmp_path, 13, "mine", 100, 0)
    assert found.memory() == 100 * 1024


def test_memory_that_two_processes_live_in_counts_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (10, 11, 12):
        process(tmp_path, number, "mine", 100, 0)
    monkeypatch.setattr(measure, "same_memory", lambda *pair: set(pair) == {10, 12})
    assert measure.Processes("mine", tmp_path).memory() == 200 * 1024


def test_which_memory_a_process_lives_in() -> None:
    if platform.machine() not in measure.KCMP:
        pytest.skip("the number of kcmp(2) is not known here")
    with subprocess.Popen(["sleep", "60"]) as other:
        try:
            assert measure.same_memory(os.getpid(), os.getpid())
            assert not measure.same_memory(os.getpid(), other.pid)
        finally:
            other.kill()


def test_a_command_is_measured(tmp_path: Path) -> None:
    program = "import os, sys, time; time.sleep(0.2); print(os.getcwd()); sys.stderr.write('told'); sys.exit(3)"
    done = measure.run(python(program), {"PATH": os.defpath}, tmp_path)
    assert done.code == 3
    assert str(tmp_path) in done.output
    assert "told" in done.output
    assert 0.2 <= done.wall < 20
    assert done.peak == 0


def test_children_count_towards_processor_time(tmp_path: Path) -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    program = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]], check=True)"
    assert measure.run(python(program, burn), {"PATH": os.defpath}, tmp_path).processor >= 0.3


def test_memory_is_that_of_the_whole_tree(tmp_path: Path) -> None:
    hold = "import time; held = bytearray(40 * 2**20); time.sleep(1.5)"
    program = "import subprocess, sys; [one.wait() for one in [subprocess.Popen([sys.executable, '-c', sys.argv[1]]) for _ in range(2)]]"
    done = measure.run(python(program, hold), {"PATH": os.defpath}, tmp_path, memory=True)
    assert 80 * 2**20 <= done.peak < 200 * 2**20


def test_what_detached_itself_is_ended(tmp_path: Path) -> None:
    stay = "import os, pathlib, time; pathlib.Path('pid').write_text(str(os.getpid())); time.sleep(60)"
    program = (
        "import pathlib, subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-c', sys.argv[1]], start_new_session=True)\n"
        "while not (pathlib.Path('pid').exists() and pathlib.Path('pid').read_text()): time.sleep(0.01)\n"
    )
    begun = time.monotonic()
    measure.run(python(program, stay), {"PATH": os.defpath}, tmp_path)
    assert time.monotonic() - begun < 30
    number = (tmp_path / "pid").read_text()
    deadline = time.monotonic() + 10
    while Path(f"/proc/{number}/environ").exists() and Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() < deadline
        time.sleep(0.02)
