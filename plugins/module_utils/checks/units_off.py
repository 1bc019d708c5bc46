# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""None of several systemd units runs or starts at boot; systemd is asked once for all of them."""

from __future__ import annotations

import dataclasses
import shutil
from typing import Dict, List, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, Relation, option, program_output

RUNNING = ("active", "reloading", "activating", "refreshing")
ENABLED = ("enabled", "enabled-runtime")
allowed = Relation("", lambda observed, wanted: bool(wanted or not observed))


@dataclasses.dataclass
class Options:
    """Options of a units_off check."""

    names: Sequence[str] = option("the units' names with their suffixes; one that is not there is off")
    enabled: bool = option("whether one of them may start at boot", False, expects=allowed)
    running: bool = option("whether one of them may run", False, expects=allowed)


def observe(options: Options, deadline: Deadline) -> Observation:
    """Ask systemd for all units at once; it answers with a block of lines for each, in their order."""
    if not shutil.which("systemctl"):
        return Observation({}, not_applicable="systemd is not installed")
    command = ["systemctl", "show", "--property=LoadState,ActiveState,UnitFileState", "--", *options.names]
    blocks = program_output(command, deadline.left()).strip().split("\n\n")
    found: Dict[str, List[str]] = {"running": [], "enabled": []}
    if len(blocks) != len(options.names):
        return Observation({}, note=" ".join(blocks[0].split()))
    for name, block in zip(options.names, blocks):
        unit = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if unit.get("ActiveState") in RUNNING:
            found["running"].append(name)
        if unit.get("UnitFileState") in ENABLED:
            found["enabled"].append(name)
    return Observation(found)
