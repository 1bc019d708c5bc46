# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the processes that started this one tell: sudo keeps most of its caller's environment and groups from its command."""

from __future__ import annotations

import os
from typing import Iterator, Tuple

PROCESSES = "/proc"
GENERATIONS = 50  # more would be a loop


def _read(process: int, name: str) -> str:
    """Return a file of /proc/<process>, proc(5). Raises OSError for a process that is gone."""
    with open(os.path.join(PROCESSES, str(process), name), encoding="utf-8", errors="surrogateescape") as stream:
        return stream.read()


def generations(process: int) -> Iterator[Tuple[int, str]]:
    """Yield a process and those that started it, up to the first, each with its /proc/<pid>/status."""
    for _generation in range(GENERATIONS):
        try:
            status = _read(process, "status")
        except OSError:
            return
        yield process, status
        parents = [line.split()[1] for line in status.splitlines() if line.startswith("PPid:")]
        process = int(parents[0]) if parents else 0
        if process <= 0:
            return


def inherited(name: str, process: int) -> str:
    """Return an environment variable of a process, or of the nearest of those that started it which has it; empty where none has."""
    for number, _status in generations(process):
        try:
            environment = _read(number, "environ")
        except OSError:
            return ""
        found = dict(entry.partition("=")[::2] for entry in environment.split("\0")).get(name, "")
        if found:
            return found
    return ""
