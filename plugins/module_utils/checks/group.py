# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A group exists as expected."""

from __future__ import annotations

import dataclasses
import grp
from typing import Optional

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, equal, holds, option


@dataclasses.dataclass
class Options:
    """Options of a group check."""

    name: str = option("the name of the group")
    exists: bool = option("whether it has to exist", True, expects=equal, presence=True)
    gid: Optional[int] = option("its number", None, expects=equal)
    members: Optional[str] = option("an account that has to be a member", None, expects=holds)


def observe(options: Options, _deadline: Deadline) -> Observation:
    """Ask for the group as the host does, wherever it comes from."""
    try:
        found = grp.getgrnam(options.name)
    except KeyError:
        return Observation({"exists": False})
    return Observation({"exists": True, "gid": found.gr_gid, "members": sorted(found.gr_mem)})
