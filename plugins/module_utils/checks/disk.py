# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file system has room, inodes too, and can be written."""

from __future__ import annotations

import dataclasses
import os
from typing import Any, Dict, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, at_least, at_most, equal, option


@dataclasses.dataclass
class Options:
    """Options of a disk check."""

    path: str = option("a path on the file system", "/")
    percent: Optional[float] = option("how many percent may be used", 90.0, expects=at_most)
    free: Optional[int] = option("how much has to be free", None, expects=at_least, unit="bytes")
    inodes: Optional[float] = option("how many percent of the inodes may be used", 90.0, expects=at_most)
    free_inodes: Optional[int] = option("how many inodes have to be free", None, expects=at_least)
    read_only: bool = option("whether it is mounted read-only", False, expects=equal)


def _used(total: int, free: int, available: int) -> float:
    """Return the percentage as df does: of what those without privileges can have."""
    used = total - free
    return 100.0 * used / (used + available) if used + available else 0.0


def observe(options: Options, _deadline: Deadline) -> Observation:
    """Ask the file system. One that counts no inodes (btrfs) uses none."""
    status = os.statvfs(options.path)
    facts: Dict[str, Any] = {
        "percent": round(_used(status.f_blocks, status.f_bfree, status.f_bavail), 2),
        "free": status.f_bavail * status.f_frsize,
        "inodes": round(_used(status.f_files, status.f_ffree, status.f_favail), 2),
        "read_only": bool(status.f_flag & os.ST_RDONLY),
    }
    if status.f_files:
        facts["free_inodes"] = status.f_favail
    return Observation(facts)
