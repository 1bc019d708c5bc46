# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab says while it works, and how it gives up."""

from __future__ import annotations

import difflib
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "lab"


class LabError(RuntimeError):
    """Why the lab cannot go on, in one line with what to do about it."""


def say(text: str) -> None:
    """Tell the user what happens now."""
    sys.stdout.write(f"lab: {text}\n")
    sys.stdout.flush()


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the end of a sentence about an unknown name: the nearest one, where one is near, and all of them."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1)
    return f"{f'did you mean {close[0]!r}? ' if close else ''}known: {', '.join(names)}"


def call(command: Sequence[str], what: str, log: str = "commands.log") -> str:
    """Run a command and return its output; the output is also kept in the lab's log. Raises LabError naming `what` failed."""
    CACHE.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    path = CACHE / log
    with path.open("a", encoding="utf-8") as stream:
        stream.write(f"$ {' '.join(command)}\n{done.stdout}\n")
    if done.returncode != 0:
        last = done.stdout.strip().splitlines()[-1:] or ["no output"]
        raise LabError(f"{what} failed: {last[0]} (all of it in {path.relative_to(ROOT)})")
    return done.stdout


def as_root(command: Sequence[str]) -> list[str]:
    """Return the command with sudo in front where this is not root."""
    import os

    return list(command) if os.geteuid() == 0 or shutil.which("sudo") is None else ["sudo", "-n", *command]
