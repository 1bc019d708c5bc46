# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A directory holds what it should."""

from __future__ import annotations

import dataclasses
import fnmatch
import os
import time
from typing import Any, Dict, List, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, at_least, at_most, equal, option


@dataclasses.dataclass
class Options:
    """Options of a directory check."""

    path: str = option("the path of the directory")
    exists: bool = option("whether it has to exist", True, expects=equal, presence=True)
    pattern: str = option("which names in it count", "*")
    count: Optional[int] = option("how many there have to be", None, expects=at_least)
    newest: Optional[float] = option("how long ago the newest may have been written", None, expects=at_most, unit="seconds")
    oldest: Optional[float] = option("how long ago the oldest may have been written", None, expects=at_most, unit="seconds")
    size: Optional[int] = option("how large all files of them together may be", None, expects=at_most, unit="bytes")


def observe(options: Options, deadline: Deadline) -> Observation:
    """Look at the entries, not at those of the directories in it."""
    ages: List[float] = []
    size = 0
    try:
        with os.scandir(options.path) as entries:
            for entry in entries:
                if deadline.passed():
                    return Observation({"exists": True}, note="it has more than %d entries, there was no time for all" % len(ages))
                if fnmatch.fnmatch(entry.name, options.pattern):
                    status = entry.stat(follow_symlinks=False)
                    ages.append(max(time.time() - status.st_mtime, 0.0))
                    size += status.st_size
    except (FileNotFoundError, NotADirectoryError) as error:
        return Observation({"exists": False}, note=str(error.strerror))
    facts: Dict[str, Any] = {"exists": True, "count": len(ages), "size": size}
    if ages:
        facts.update(newest=min(ages), oldest=max(ages))
    return Observation(facts)
