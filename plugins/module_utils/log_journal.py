# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Places in the journal of systemd: cursors of entries, and going back from one."""

from __future__ import annotations

import sys
import time
from typing import List, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import processes

SECONDS = 15  # for an answer of journalctl, of which there are ATTEMPTS, with so many times PAUSE seconds between
ATTEMPTS, PAUSE = 3, 0.3
SPAN = 60  # seconds to go back where the number of an entry does not help


def back(cursor: str, lines: int, floor: str = "") -> Tuple[str, int]:
    """Return the cursor of the entry some entries further back, and how many; not before the cursor `floor`."""
    found = cursors("--cursor=" + cursor, "--lines=%d" % lines)
    if floor in found:
        found = found[: found.index(floor) + 1]
    if found:
        return found[-1], len(found)
    guess = before(cursor, lines)
    sys.stdout.write("journalctl does not tell what is before the entry %s; the journal is read again from %s\n" % (cursor, guess or "it"))
    return (guess, lines) if guess else (cursor, 0)


def before(cursor: str, lines: int) -> str:
    """Return a cursor some entries further back, by the number of the entry that stands in it; nothing where none does.

    systemd seeks by the number, and by the time where it has no file any more with that number (sd-journal.c, sd_journal_seek_cursor).
    """
    parts = dict(part.split("=", 1) for part in cursor.split(";") if "=" in part)
    try:
        number, when = int(parts["i"], 16), int(parts["t"], 16)
    except (KeyError, ValueError):
        return ""
    return "s=%s;i=%x;t=%x" % (parts.get("s", ""), max(1, number - lines), max(0, when - SPAN * 10**6))


def cursors(*options: str) -> List[str]:
    """Return the cursors of entries of the journal, the newest first; nothing where journalctl does not tell them, though asked again."""
    command = ["journalctl", "--quiet", "--no-pager", "--reverse", "--output=export", "--output-fields=_PID", *options]
    for attempt in range(ATTEMPTS):
        code, text = processes.answer(command, SECONDS)
        found = [line.split("=", 1)[1] for line in text.splitlines() if line.startswith("__CURSOR=")]
        if code == 0 and found:
            return found
        time.sleep(PAUSE * attempt)
    return []
