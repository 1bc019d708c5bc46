# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file exists as expected."""

from __future__ import annotations

import dataclasses
import grp
import os
import pwd
import stat
from typing import Any, Dict, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, contains, equal, option

_MOST = 16 * 1024 * 1024


@dataclasses.dataclass
class Options:
    """Options of a file check."""

    path: str = option("the path of the file or directory")
    exists: bool = option("whether it has to exist", True, expects=equal)
    mode: Optional[str] = option("its mode as a quoted octal number", None, expects=equal)
    owner: Optional[str] = option("its owner's name", None, expects=equal)
    group: Optional[str] = option("its group's name", None, expects=equal)
    contains: Optional[str] = option("a text it has to contain", None, expects=contains, fact="content")


def observe(options: Options, _deadline: Deadline) -> Observation:
    """Look at the file, and read it only when its content matters."""
    try:
        status = os.stat(options.path)
    except FileNotFoundError:
        return Observation({"exists": False})
    facts: Dict[str, Any] = {"exists": True, "mode": "%04o" % stat.S_IMODE(status.st_mode)}
    try:
        facts["owner"] = pwd.getpwuid(status.st_uid).pw_name
        facts["group"] = grp.getgrgid(status.st_gid).gr_name
    except KeyError:
        facts.setdefault("owner", str(status.st_uid))
        facts["group"] = str(status.st_gid)
    if options.contains is not None:
        if not stat.S_ISREG(status.st_mode):
            return Observation(facts, note="not a regular file")
        with open(options.path, "rb") as stream:
            facts["content"] = stream.read(_MOST).decode("utf-8", "replace")
    return Observation(facts, identity="%d %d" % (status.st_ino, status.st_mtime_ns))
