# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds the lock that apt or dpkg complains about."""

from __future__ import annotations

import fcntl
import os
import re
import struct
from typing import Optional

from ansible_collections.groundwork.fleet.plugins.module_utils.outdated_processes import unit_of

#: apt: "It is held by process 12 (apt-get)"; dpkg: "was locked by another process with pid 12".
_NUMBER = re.compile(r"(?:held by process|with pid) (\d+)")
#: apt that has waited names only the file: "Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend)".
_PATH = re.compile(r"(/var/[\w./-]*/lock[\w-]*)")
_FLOCK = "hhqqi4x"  # struct flock of fcntl(2) on 64 bits: type, whence, start, length, process
WORDS = 2  # of a command line: the program, and the script of an interpreter. What follows may be a secret.


def locker(path: str) -> Optional[int]:
    """Return the process that holds a lock of fcntl(2) on a file; None where nobody does, or the kernel does not tell."""
    try:
        with open(path, "rb") as file:
            asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
            kind, _whence, _start, _length, found = struct.unpack(_FLOCK, fcntl.fcntl(file, fcntl.F_GETLK, asked))
    except (OSError, struct.error):
        return None
    return int(found) if kind != fcntl.F_UNLCK and found > 0 else None


def number(text: str) -> Optional[int]:
    """Return the process that holds the lock a program complains about; None where that cannot be told."""
    match = _NUMBER.search(text)
    if match:
        return int(match.group(1))
    path = _PATH.search(text)
    return locker(path.group(1)) if path else None


def told(text: str, folder: str = "/proc") -> str:
    """Return a sentence about the holder, empty where it cannot be told. text: what it said. folder: proc(5)."""
    found = number(text)
    return "" if found is None else " It is held by %s." % described(found, folder)


def described(found: int, folder: str = "/proc") -> str:
    """Return what a process is, in words; it may have ended meanwhile."""
    try:
        with open(os.path.join(folder, str(found), "cmdline"), "rb") as file:
            words = [word.decode("utf-8", "replace") for word in file.read().split(b"\0") if word]
        with open(os.path.join(folder, str(found), "cgroup"), "rb") as file:
            unit = unit_of(file.read().decode("utf-8", "replace"))
    except OSError:
        return "process %d, which has ended" % found
    return "process %d (%s)%s" % (found, " ".join(words[:WORDS]), " of %s" % unit if unit else "")
