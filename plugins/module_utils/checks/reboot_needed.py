# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host does not wait for a reboot."""

from __future__ import annotations

import dataclasses
import os
from typing import Optional

from ansible_collections.groundwork.fleet.plugins.module_utils import reboot
from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, at_most, equal, option


@dataclasses.dataclass
class Options:
    """Options of a reboot_needed check."""

    needed: bool = option("whether it has to wait for one", False, expects=equal)
    uptime: Optional[float] = option("for how long it may have been up", None, expects=at_most, unit="seconds")


def observe(options: Options, _deadline: Deadline) -> Observation:
    """Look for the flag of the packages, and for a newer kernel."""
    reasons = reboot.reasons(os.uname().release, reboot.BOOT, reboot.FLAGS)
    with open("/proc/uptime", encoding="ascii") as stream:
        uptime = float(stream.read().split()[0])
    return Observation({"needed": bool(reasons), "uptime": uptime}, note="; ".join(reasons))
