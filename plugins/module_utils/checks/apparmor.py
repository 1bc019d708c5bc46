# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AppArmor is in effect: the kernel has it, and its profiles are enforced."""

from __future__ import annotations

import dataclasses
from typing import Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, Relation, at_least, equal, option

ENABLED = "/sys/module/apparmor/parameters/enabled"
PROFILES = "/sys/kernel/security/apparmor/profiles"
nothing_but = Relation("nothing but", lambda observed, wanted: not set(observed) - set(wanted))


@dataclasses.dataclass
class Options:
    """Options of an apparmor check."""

    enabled: bool = option("whether the kernel has it", True, expects=equal)
    profiles: Optional[int] = option("how many profiles have to be loaded at least", None, expects=at_least)
    complaining: Optional[Sequence[str]] = option("profiles that may only complain; the others are enforced", None, expects=nothing_but)


def observe(options: Options, _deadline: Deadline) -> Observation:
    """Ask the kernel. A container cannot: its profiles are the host's."""
    try:
        with open(ENABLED, encoding="ascii") as stream:
            enabled = stream.read().strip() == "Y"
    except FileNotFoundError:
        enabled = False
    if not enabled or (options.profiles is None and options.complaining is None):
        return Observation({"enabled": enabled})
    try:
        with open(PROFILES, encoding="utf-8") as stream:
            profiles = [line.strip().rpartition(" ") for line in stream if line.strip()]
    except (FileNotFoundError, PermissionError):
        return Observation({"enabled": True}, not_applicable="the kernel does not tell its profiles")
    complaining = sorted(name for name, _blank, mode in profiles if mode == "(complain)")
    return Observation({"enabled": True, "profiles": len(profiles), "complaining": complaining})
