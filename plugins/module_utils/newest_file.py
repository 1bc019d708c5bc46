# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest of the files that a pattern names."""

from __future__ import annotations

import glob
import os
from typing import NamedTuple, Optional


class Newest(NamedTuple):
    """The newest file: when it was written (seconds since 1970), its bytes, its path, and the number of all."""

    written: float
    size: int
    path: str
    number: int


def newest(pattern: str) -> Optional[Newest]:
    """Return the newest file that a pattern names, which may have *, ? and **; None where there is none."""
    found = []
    for path in glob.iglob(pattern, recursive=True):
        try:
            status = os.stat(path)
        except OSError:  # it was taken away meanwhile
            continue
        found.append((status.st_mtime, status.st_size, path))
    return Newest(*max(found), number=len(found)) if found else None
