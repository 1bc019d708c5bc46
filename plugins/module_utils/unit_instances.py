# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The instances of a template that a host has beside those that are named: `orders@*.service` stands for them."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from typing import Any, Dict, List, Mapping, Set

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input

LINKS = "/etc/systemd/system"  # where `systemctl enable` makes them: <target>.wants/<instance>
ANY = "@*."


def enabled(pattern: str, directory: str = LINKS) -> List[str]:
    """Return the enabled units of a pattern like `orders@*.service`, sorted."""
    found: Set[str] = set()
    try:
        folders = [one.path for one in os.scandir(directory) if one.name.endswith((".wants", ".requires")) and one.is_dir()]
    except OSError:
        return []
    for folder in folders:
        found.update(name for name in os.listdir(folder) if fnmatchcase(name, pattern))
    return sorted(found)


def named(units: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the units that are no pattern. Raises BadInput for a pattern that does anything but stop."""
    for name, options in units.items():
        gone = isinstance(options, Mapping) and options.get("state") == "stopped" and options.get("enabled") is False
        if ANY in name and not gone:
            where, remedy = "units[%r]" % name, "Name each instance that is to run."
            raise bad_input(where, options, "state: stopped and enabled: false", remedy)
    return {name: options for name, options in units.items() if ANY not in name}


def expanded(units: Mapping[str, Any], directory: str = LINKS) -> Dict[str, Any]:
    """Return the units with the enabled instances in the place of each pattern, but those that are named. Raises BadInput."""
    found = named(units)
    for name, options in units.items():
        for one in enabled(name, directory) if ANY in name else ():
            found.setdefault(one, options)
    return found
