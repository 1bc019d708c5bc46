# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory is left for new work."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, at_least, option

_PATH = "/proc/meminfo"


@dataclasses.dataclass
class Options:
    """Options of a memory check."""

    percent: Optional[float] = option("how many percent have to be available", 10.0, expects=at_least)
    available: Optional[int] = option("how much has to be available", None, expects=at_least, unit="bytes")


def observe(options: Options, _deadline: Deadline) -> Observation:
    """Read what the kernel says is available without swapping."""
    with open(_PATH, encoding="ascii") as stream:
        found = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in stream}
    facts: Dict[str, Any] = {"available": found["MemAvailable"], "percent": round(100.0 * found["MemAvailable"] / found["MemTotal"], 2)}
    return Observation(facts)
