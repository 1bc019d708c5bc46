# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths have no more permissions than they may have."""

from __future__ import annotations

import dataclasses
import glob
import grp
import os
import pwd
import stat
from typing import Any, Dict, List, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, Relation, option

SHOWN = 5


def _within(observed: str, wanted: str) -> bool:
    return not int(observed, 8) & ~int(wanted, 8)


within = Relation("at most", _within)
only = Relation("", lambda observed, wanted: bool(set(observed) <= {wanted}))


@dataclasses.dataclass
class Options:
    """Options of a permissions check."""

    path: str = option("the path; after the last slash *, ? and [] stand for what they mean in a shell")
    mode: Optional[str] = option("the bits that each path may have at most, as a quoted octal number", None, expects=within)
    owner: Optional[str] = option("the owner's name of each path", None, expects=only)
    group: Optional[str] = option("the group's name of each path", None, expects=only)


def _name(database: Any, number: int) -> str:
    try:
        return str(database(number)[0])
    except KeyError:
        return str(number)


def _paths(pattern: str) -> List[str]:
    return [pattern] if os.path.lexists(pattern) else sorted(glob.glob(pattern))


def observe(options: Options, _deadline: Deadline) -> Observation:
    """Look at each path that is no link, and gather what they have together; the note names those that have too much."""
    mode, owners, groups, wide = 0, [], [], []
    for path in _paths(options.path):
        try:
            info = os.lstat(path)
        except OSError:  # it has gone meanwhile
            continue
        if stat.S_ISLNK(info.st_mode):
            continue
        bits = stat.S_IMODE(info.st_mode)
        owner, group = _name(pwd.getpwuid, info.st_uid), _name(grp.getgrgid, info.st_gid)
        mode |= bits
        owners.append(owner)
        groups.append(group)
        too_many = options.mode is not None and bits & ~int(options.mode, 8)
        if too_many or (options.owner or owner) != owner or (options.group or group) != group:
            wide.append("%s %04o %s:%s" % (path, bits, owner, group))
    if not owners:
        return Observation({}, not_applicable="there is no %s" % options.path)
    facts: Dict[str, Any] = {"mode": "%04o" % mode, "owner": sorted(set(owners)), "group": sorted(set(groups))}
    more = ", and %d more" % (len(wide) - SHOWN) if len(wide) > SHOWN else ""
    return Observation(facts, note=", ".join(wide[:SHOWN]) + more)
