# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an rsyslogd tells of itself: the file that its module impstats writes as JSON, a line for each object again and again."""

from __future__ import annotations

import contextlib
import json
import os
from typing import Dict, Tuple

STATS_BYTES = 1 << 20
#: The newest statistics of all objects are within so many bytes.
BLOCK = 65536


def statistics(path: str) -> Dict[Tuple[str, str], Dict[str, float]]:
    """Return the newest statistics of rsyslog's impstats, by origin and name; keep its file short."""
    found: Dict[Tuple[str, str], Dict[str, float]] = {}
    try:
        with open(path, "rb") as stream:
            stream.seek(max(0, os.stat(path).st_size - BLOCK))
            text = stream.read().decode("utf-8", "replace")
        if os.stat(path).st_size > STATS_BYTES:
            os.truncate(path, 0)
    except OSError:
        return found
    for line in text.splitlines():
        with contextlib.suppress(ValueError):
            note = json.loads(line[line.index("{") :])
            values = {**note, **note["values"]} if isinstance(note.get("values"), dict) else note
            numbers = {key: float(value) for key, value in values.items() if isinstance(value, (int, float))}
            found[str(note.get("origin")), str(note.get("name"))] = numbers
    return found
