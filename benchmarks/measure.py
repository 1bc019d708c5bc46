# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run one command and say how long it took, how much processor time it used and how much memory at its peak.

The processes of a command are those that carry its mark in their environment: also the ones that have detached themselves, such as
the SSH connections that stay open for the next task. Memory is the sum of their proportional set sizes (PSS), so that a page which
forked workers share counts once.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MARK = "GROUNDWORK_BENCHMARK"
PROC = Path("/proc")
SHARE = 0.05  # of one processor's time may go into looking at memory


@dataclass(frozen=True)
class Measured:
    """What one run of a command took: seconds of wall time, seconds of processor time, bytes of memory at the peak (0: not looked at)."""

    wall: float
    processor: float
    peak: int
    code: int
    output: str


def proportional_size(rollup: str) -> int:
    """Return the bytes of the line `Pss:` in the text of a smaps_rollup; 0 where it has none (a process that is ending)."""
    for line in rollup.splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def has_mark(environment: bytes, mark: str) -> bool:
    """Tell whether the environment of a process (variables ended by zero bytes) carries this mark."""
    return f"{MARK}={mark}".encode() in environment.split(b"\0")


KCMP = {"x86_64": 312, "aarch64": 272}  # the number of the system call kcmp(2)
KCMP_VM = 1


def same_memory(one: int, other: int) -> bool:
    """Tell whether two processes live in the same memory: one that is about to start a program still lives in its parent's (vfork)."""
    number = KCMP.get(platform.machine())
    libc = ctypes.CDLL(None)
    return number is not None and libc.syscall(number, one, other, KCMP_VM, 0, 0) == 0


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # ended meanwhile, or somebody else's
        return b""


class Processes:
    """The processes that carry one mark."""

    def __init__(self, mark: str, proc: Path = PROC) -> None:
        self._mark = mark
        self._proc = proc
        self._others: set[str] = set()

    def __iter__(self) -> Iterator[Path]:
        present = {name for name in os.listdir(self._proc) if name.isdigit()}
        self._others &= present
        for name in present - self._others:
            environment = _read(self._proc / name / "environ")
            if has_mark(environment, self._mark):
                yield self._proc / name
            elif environment:  # empty: a process between fork and exec, or a kernel thread; ask again
                self._others.add(name)

    def memory(self) -> int:
        """Return the sum of their proportional set sizes in bytes, memory that two of them live in once."""
        total = 0
        seen: dict[str, list[int]] = {}  # the addresses that are in use differ in each program that was started
        for path in self:
            for _look in range(2):  # it may have started its program since the first one
                rollup = _read(path / "smaps_rollup").decode("ascii", "replace")
                alike = seen.setdefault(rollup.partition(" ")[0], [])
                shares = any(same_memory(int(path.name), other) for other in alike)
                if shares or not alike:
                    break
            if not shares:
                alike.append(int(path.name))
                total += proportional_size(rollup)
        return total

    def processor(self) -> float:
        """Return the seconds of processor time that those still running have used."""
        ticks = 0
        for path in self:
            fields = _read(path / "stat").decode("utf-8", "replace").rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12]) if len(fields) > 12 else 0
        return ticks / os.sysconf("SC_CLK_TCK")

    def end(self) -> None:
        """End those still running."""
        for path in self:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(int(path.name), signal.SIGTERM)


class Watch:
    """Looks at the memory of a command's processes from a thread, as often as its share of the processor allows, and keeps the peak."""

    def __init__(self, processes: Processes) -> None:
        self.peak = 0
        self._processes = processes
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        pause = 0.02
        while not self._ended.wait(pause):
            begun = time.thread_time()
            self.peak = max(self.peak, self._processes.memory())
            pause = max(0.02, (time.thread_time() - begun) / SHARE)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_reason: object) -> None:
        self._ended.set()
        self._thread.join()


def run(command: Sequence[str], environment: Mapping[str, str], directory: Path, memory: bool = False) -> Measured:
    """Run a command to its end and return what it took. `memory`: look at its memory too, which costs a little time.

    Processor time is that of the command and of every process that it waited for, and of detached ones that are still there.
    What a command leaves running is ended, so that each run begins with nothing open.
    """
    mark = uuid.uuid4().hex
    processes = Processes(mark)
    with contextlib.ExitStack() as stack:
        stack.callback(processes.end)
        begun = time.monotonic()
        child = subprocess.Popen(
            command,
            env={**environment, MARK: mark},
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        watch = stack.enter_context(Watch(processes)) if memory else None
        assert child.stdout is not None
        chunks: list[bytes] = []
        reader = threading.Thread(
            target=lambda stream: chunks.extend(iter(lambda: stream.read1(65536), b"")), args=(child.stdout,), daemon=True
        )
        reader.start()
        _pid, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - begun
        child.returncode = os.waitstatus_to_exitcode(status)
        processor = usage.ru_utime + usage.ru_stime + processes.processor()
    # A detached process may hold the pipe open until it is ended above.
    reader.join(timeout=5)
    return Measured(wall, processor, watch.peak if watch else 0, child.returncode, b"".join(chunks).decode("utf-8", "replace"))
