# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of the running kernel: names, paths and the difference between what is and what should be."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input

ROOT = "/proc/sys"


@dataclass(frozen=True)
class Observed:
    """A setting as the kernel has it. value: None where the kernel does not know it."""

    value: Optional[str]
    writable: bool


@dataclass
class Plan:
    """What has to be done. write: name to value; read_only, unknown: names of what cannot be set, each for its reason."""

    write: Dict[str, str]
    read_only: List[str]
    unknown: List[str]


def path_of(name: str, root: str = ROOT) -> str:
    """Return the file of a setting. As in sysctl(8), the first separator decides whether dots or slashes part the words.

    Raises BadInput for a name that leads out of the directory.
    """
    slash, dot = name.find("/"), name.find(".")
    relative = name if slash >= 0 and (dot < 0 or slash < dot) else name.translate(str.maketrans("./", "/."))
    path = os.path.normpath(os.path.join(root, relative))
    if not path.startswith(root + "/"):
        raise bad_input("settings", name, "the name of a kernel setting such as kernel.kptr_restrict", "See sysctl -a.")
    return path


def normalised(value: Any) -> str:
    """Return a value as one line, its words separated by single blanks; booleans are 1 and 0."""
    return str(int(value)) if isinstance(value, bool) else " ".join(str(value).split())


def plan(settings: Mapping[str, Any], observed: Mapping[str, Observed]) -> Plan:
    """Decide for each setting whether it is written, is right already, or cannot be set."""
    found = Plan({}, [], [])
    for name, value in settings.items():
        state = observed[name]
        if state.value is None:
            found.unknown.append(name)
        elif normalised(state.value) != normalised(value):
            if state.writable:
                found.write[name] = normalised(value)
            else:
                found.read_only.append(name)
    return found


def effects(write: Mapping[str, str], before: Mapping[str, str]) -> List[Dict[str, Any]]:
    """Return what takes the writing of values back, in the form of the journal."""
    return [
        {"undo": ["sysctl", "-q", "-w", "%s=%s" % (name, before[name])], "what": "the kernel's %s was %r" % (name, before[name])}
        for name in write
    ]
