# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mark that a part of the log shipping leaves while it runs, with how far all was read when it began.

What was read before is handed on, so a run that does not end as it should is gone back in no further than to where it began.
"""

from __future__ import annotations

import contextlib
import os
from typing import Dict, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils import log_spool

MARK = "running"
QUIET = "quiet"  # beside it, where at a stop the other end had got all


def begin(folder: str, places: str = "") -> Optional[float]:
    """Return when the run began that did not end as it should, None where it did; and leave the mark of the run that begins.

    places: how far all is read now. Where that is as it was when the run began, the run noted nothing, and all that it read is read again.
    """
    mark = os.path.join(folder, MARK)
    with contextlib.suppress(FileNotFoundError), open(mark, encoding="utf-8", errors="surrogateescape") as stream:
        if places and stream.read() == places:
            os.utime(mark)
            return None
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(folder, QUIET))
    try:
        since: Optional[float] = os.stat(mark).st_mtime
    except FileNotFoundError:
        since = None
    with open(mark, "w", encoding="ascii"):
        os.utime(mark)
    return since


def noted(folder: str) -> str:
    """Return how far rsyslog has read, as its notes tell: of files and of the journal. folder: with the notes."""
    lines = sorted("%s %s %d" % (one.name, os.path.basename(one.path), one.offset) for one in log_spool.read_states(folder))
    with contextlib.suppress(FileNotFoundError), open(os.path.join(folder, "imjournal.state"), encoding="utf-8") as stream:
        lines.append(stream.read().strip())
    return "\n".join(lines)


def begun_at(folder: str) -> Dict[str, int]:
    """Return where the run that is in the mark began to read each file: the name of rsyslog's note of it to the place."""
    found = {}
    with contextlib.suppress(FileNotFoundError), open(os.path.join(folder, MARK), encoding="utf-8", errors="surrogateescape") as stream:
        for line in stream:
            parts = line.rsplit(" ", 2)
            if len(parts) == 3 and parts[2].strip().isdigit():
                found[parts[1]] = int(parts[2])
    return found


def cursor_at(folder: str) -> str:
    """Return where the run that is in the mark began to read the journal."""
    with contextlib.suppress(FileNotFoundError), open(os.path.join(folder, MARK), encoding="utf-8", errors="surrogateescape") as stream:
        return ([""] + stream.read().splitlines())[-1]
    return ""


def keep_noted(folder: str) -> None:
    """Write into the mark of the run that begins how far rsyslog has read all then. Raises OSError."""
    keep_text(folder, noted(folder))


def keep_text(folder: str, places: str) -> None:
    """Write into the mark of the run that begins how far all is read then. Raises OSError."""
    with open(os.path.join(folder, MARK), "w", encoding="utf-8", errors="surrogateescape") as stream:
        stream.write(places)
