# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest backup is young and large enough."""

from __future__ import annotations

import dataclasses
import os
import time
from typing import Any, Dict, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils import newest_file
from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, at_least, at_most, option


@dataclasses.dataclass
class Options:
    """Options of a backup_age check."""

    path: str = option("the path of the backups, with * where names differ: /var/backups/db/*.dump")
    age: float = option("how old the newest may be", 129600.0, expects=at_most, unit="seconds")
    size: Optional[int] = option("how large the newest has to be", 1, expects=at_least, unit="bytes")
    count: Optional[int] = option("how many there have to be", None, expects=at_least)


def observe(options: Options, _deadline: Deadline) -> Observation:
    """Find the newest."""
    found = newest_file.newest(options.path)
    if not found:
        return Observation({"count": 0}, note="there is none")
    facts: Dict[str, Any] = {"age": max(time.time() - found.written, 0.0), "size": found.size, "count": found.number}
    return Observation(facts, note=os.path.basename(found.path))
