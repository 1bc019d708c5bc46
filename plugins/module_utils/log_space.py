# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes, and the room on the file system of the logs: the receiver stops before there is none, for rsyslog loses what it cannot write."""

from __future__ import annotations

import os
import re
import sys
import time
from typing import Any, Callable, Mapping, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils import processes
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input

PAUSE = 0.1  # seconds between two looks: at 100 MB/s ten megabytes
AGAIN = 1.25  # of the reserve have to be free before the receiver starts again, so that it does not start and stop all the time
FEWEST_FILES = 1000  # files that can still be made on the file system
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)b?", re.IGNORECASE)
_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4}


def size(value: Any, where: str, whole: Optional[int] = None) -> int:
    """Return a size in bytes. value: a number with k, m, g or t (of 1024), or a share in per cent of `whole`. Raises BadInput."""
    text = str(value).strip()
    match = _SIZE.fullmatch(text)
    if match:
        found = int(float(match.group(1)) * _UNITS[match.group(2).lower()])
    else:
        share = _SHARE.fullmatch(text) if whole is not None else None
        if not share or float(share.group(1)) >= 100:
            expected = "a size such as 512m or 2g" + (" or a share such as 5%" if whole is not None else "")
            raise bad_input(where, value, expected, "Units are k, m, g and t, of 1024.")
        found = int(float(share.group(1)) * (whole or 0) / 100)
    if found <= 0:
        raise bad_input(where, value, "more than nothing", "Leave it out for the default.")
    return found


def is_low(directory: str, reserve: Any, factor: float = 1.0) -> str:
    """Return why the file system is too full, empty where it is not. Raises OSError, BadInput.

    reserve: a size or a share of the file system. factor: how many times the reserve has to be free.
    """
    status = os.statvfs(directory)
    free, wanted = status.f_bavail * status.f_frsize, size(reserve, "reserve", status.f_blocks * status.f_frsize) * factor
    if free < wanted:
        return "%d MiB are free on the file system of %s, fewer than %d" % (free // 1024**2, directory, wanted // 1024**2)
    if status.f_files and status.f_favail < FEWEST_FILES:  # some file systems have no limit and tell 0
        return "%d files can be made on the file system of %s, fewer than %d" % (status.f_favail, directory, FEWEST_FILES)
    return ""


def watch(settings: Mapping[str, Any], rounds: Optional[int] = None, pause: Callable[[float], None] = time.sleep) -> None:
    """Stop the receiver whenever the file system is nearly full; its unit starts it again when there is room.

    rounds: how often to look, for ever by default.
    """
    low = False
    while rounds is None or rounds > 0:
        reason = is_low(settings["directory"], settings["reserve"])
        if reason:
            if not low:
                sys.stderr.write("The receiver is stopped, the senders keep their lines: %s.\n" % reason)
                sys.stderr.flush()
            # Also in the next rounds: what started in between by hand would lose lines.
            processes.answer(["/usr/bin/systemctl", "kill", "--kill-who=main", settings["unit"]], 10)
        low = bool(reason)
        rounds = rounds - 1 if rounds is not None else None
        pause(1.0 if low else PAUSE)
