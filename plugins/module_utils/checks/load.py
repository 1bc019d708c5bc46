# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The processors keep up with the work."""

from __future__ import annotations

import dataclasses
import os
from typing import Any, Dict, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, at_most, option


@dataclasses.dataclass
class Options:
    """Options of a load check; loads are those of one processor, so 1 means that all of them are busy."""

    minute: Optional[float] = option("how high the load of the last minute may be", None, expects=at_most)
    five_minutes: Optional[float] = option("how high the load of the last five minutes may be", 4.0, expects=at_most)
    fifteen_minutes: Optional[float] = option("how high the load of the last fifteen minutes may be", None, expects=at_most)


def observe(options: Options, _deadline: Deadline) -> Observation:
    """Read it."""
    processors = os.cpu_count() or 1
    loads = [round(load / processors, 3) for load in os.getloadavg()]
    facts: Dict[str, Any] = dict(zip(("minute", "five_minutes", "fifteen_minutes"), loads))
    return Observation(facts, note="%d processors" % processors)
