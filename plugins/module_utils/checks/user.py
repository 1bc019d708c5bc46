# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account exists as expected."""

from __future__ import annotations

import dataclasses
import grp
import os
import pwd
from typing import Any, Dict, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, equal, holds, option


@dataclasses.dataclass
class Options:
    """Options of a user check."""

    name: str = option("the name of the account")
    exists: bool = option("whether it has to exist", True, expects=equal, presence=True)
    uid: Optional[int] = option("its number", None, expects=equal)
    gid: Optional[int] = option("the number of its first group", None, expects=equal)
    group: Optional[str] = option("the name of its first group", None, expects=equal)
    groups: Optional[str] = option("a group to which it has to belong", None, expects=holds)
    home: Optional[str] = option("its home directory", None, expects=equal)
    shell: Optional[str] = option("its shell", None, expects=equal)


def observe(options: Options, _deadline: Deadline) -> Observation:
    """Ask for the account as the host does, wherever it comes from."""
    try:
        found = pwd.getpwnam(options.name)
    except KeyError:
        return Observation({"exists": False})
    names = []
    for number in os.getgrouplist(options.name, found.pw_gid):
        try:
            names.append(grp.getgrgid(number).gr_name)
        except KeyError:  # a number without a name
            names.append(str(number))
    facts: Dict[str, Any] = {"exists": True, "uid": found.pw_uid, "gid": found.pw_gid, "home": found.pw_dir, "shell": found.pw_shell}
    facts.update(group=names[0] if names else str(found.pw_gid), groups=sorted(names))
    return Observation(facts)
