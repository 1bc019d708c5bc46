# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file system is mounted with options."""

from __future__ import annotations

import dataclasses
import re
from typing import List, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, Relation, equal, option

MOUNTED = "/proc/self/mountinfo"
SAME = {"hidepid=2": "hidepid=invisible", "hidepid=1": "hidepid=noaccess", "hidepid=4": "hidepid=ptraceable"}
without = Relation("without", lambda observed, wanted: not set(observed) & set(wanted))


def _all_of(observed: Sequence[str], wanted: Sequence[str]) -> bool:
    known = {SAME.get(one, one) for one in observed}
    return all(SAME.get(one, one) in known for one in wanted)


all_of = Relation("with all of", _all_of)


@dataclasses.dataclass
class Options:
    """Options of a mount check."""

    path: str = option("where it is mounted")
    options: Optional[Sequence[str]] = option("options that are in effect", None, expects=all_of)
    lacks: Optional[Sequence[str]] = option("options that are not in effect", None, expects=without, fact="options")
    mounted: Optional[bool] = option("whether the path has to be a file system of its own", None, expects=equal, presence=True)


def _options(path: str) -> Optional[List[str]]:
    """Return the options of what is mounted last at a path, from mountinfo of proc(5); nothing where it is no mount."""
    found = None
    with open(MOUNTED, encoding="utf-8", errors="surrogateescape") as stream:
        for line in stream:
            words, _dash, rest = line.rstrip("\n").partition(" - ")
            where = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), words.split(" ")[4])
            if where == path:
                found = [*words.split(" ")[5].split(","), *rest.split(" ")[-1].split(",")]
    return found


def observe(options: Options, _deadline: Deadline) -> Observation:
    """Look at what is mounted now, whatever fstab says. Options of a path that is no file system of its own do not apply."""
    found = _options(options.path.rstrip("/") or "/")
    if found is None and options.mounted is None:
        return Observation({}, not_applicable="not a file system of its own")
    if found is None:
        return Observation({"mounted": False})
    return Observation({"mounted": True, "options": list(dict.fromkeys(found))})
