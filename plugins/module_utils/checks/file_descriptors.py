# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""File descriptors are left, of the host or of a program."""

from __future__ import annotations

import dataclasses
import os
import re
from typing import Any, Dict, Optional, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, at_most, option


@dataclasses.dataclass
class Options:
    """Options of a file_descriptors check."""

    name: Optional[str] = option("the name of a program, of whose processes the worst counts; by default the whole host", None)
    percent: Optional[float] = option("how many percent of the limit may be used", 80.0, expects=at_most)
    used: Optional[int] = option("how many may be used", None, expects=at_most)


def _of_process(number: str, name: str) -> Optional[Tuple[int, int]]:
    """Return how many a process of this name uses and may use."""
    folder = "/proc/" + number
    try:
        with open(folder + "/comm", encoding="utf-8", errors="replace") as stream:
            if stream.read().strip() != name[:15]:
                return None
        with open(folder + "/limits", encoding="ascii") as stream:
            found = re.search(r"^Max open files\s+(\d+|unlimited)", stream.read(), re.MULTILINE)
        limit = int(found.group(1)) if found and found.group(1) != "unlimited" else 2**31
        return len(os.listdir(folder + "/fd")), limit
    except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
        return None


def observe(options: Options, _deadline: Deadline) -> Observation:
    """Count them."""
    if options.name is None:
        with open("/proc/sys/fs/file-nr", encoding="ascii") as stream:
            allocated, unused, limit = (int(word) for word in stream.read().split())
        used = allocated - unused
    else:
        numbers = [number for number in os.listdir("/proc") if number.isdigit()]
        found = [pair for pair in (_of_process(number, options.name) for number in numbers) if pair]
        if not found:
            return Observation({}, note="no process has this name")
        nearest, limit = max(found, key=lambda pair: pair[0] / pair[1])
        return Observation(_facts(max(pair[0] for pair in found), nearest / limit), note="of %d" % limit)
    return Observation(_facts(used, used / limit), note="of %d" % limit)


def _facts(used: int, share: float) -> Dict[str, Any]:
    return {"used": used, "percent": round(100.0 * share, 2)}
