# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Little is swapped out, and there is swap where it is asked for."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, at_least, at_most, option

_PATH = "/proc/meminfo"


@dataclasses.dataclass
class Options:
    """Options of a swap check."""

    percent: Optional[float] = option("how many percent may be used", 80.0, expects=at_most)
    total: Optional[int] = option("how much there has to be", None, expects=at_least, unit="bytes")


def observe(options: Options, _deadline: Deadline) -> Observation:
    """Read it. A host without swap uses none of it."""
    with open(_PATH, encoding="ascii") as stream:
        found = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in stream}
    total, free = found.get("SwapTotal", 0), found.get("SwapFree", 0)
    facts: Dict[str, Any] = {"total": total, "percent": round(100.0 * (total - free) / total, 2) if total else 0.0}
    return Observation(facts)
