# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host does not wait for a reboot."""

from __future__ import annotations

import dataclasses
import os
import re
from typing import Any, List, Optional, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, at_most, equal, option

_FLAGS = ("/run/reboot-required", "/var/run/reboot-required")
_BOOT = "/boot"


@dataclasses.dataclass
class Options:
    """Options of a reboot_needed check."""

    needed: bool = option("whether it has to wait for one", False, expects=equal)
    uptime: Optional[float] = option("for how long it may have been up", None, expects=at_most, unit="seconds")


def _order(version: str) -> Tuple[Any, ...]:
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.findall(r"\d+|[a-z]+", version))


def _reasons(running: str, boot: str) -> List[str]:
    """Return why a reboot is due: a package asked for it, or a newer kernel of the same kind is installed."""
    found = ["a package asks for it"] if any(os.path.exists(path) for path in _FLAGS) else []
    try:
        kernels = [name[len("vmlinuz-") :] for name in os.listdir(boot) if name.startswith("vmlinuz-") and "rescue" not in name]
    except OSError:
        return found
    if running in kernels:  # otherwise it runs the kernel of somebody else: a container
        newest = max(kernels, key=_order)
        if newest != running:
            found.append("kernel %s is installed, %s runs" % (newest, running))
    return found


def observe(options: Options, _deadline: Deadline) -> Observation:
    """Look for the flag of the packages, and for a newer kernel."""
    reasons = _reasons(os.uname().release, _BOOT)
    with open("/proc/uptime", encoding="ascii") as stream:
        uptime = float(stream.read().split()[0])
    return Observation({"needed": bool(reasons), "uptime": uptime}, note="; ".join(reasons))
