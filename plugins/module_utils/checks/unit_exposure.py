# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A systemd unit is sandboxed: how exposed it is, as systemd-analyze(1) security measures it."""

from __future__ import annotations

import dataclasses
import re
import shutil

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, at_most, option, program_output


@dataclasses.dataclass
class Options:
    """Options of a unit_exposure check."""

    name: str = option("the unit's name with its suffix")
    maximum: float = option("the highest exposure that it may have, from 0.0 (nothing to get at) to 10.0", expects=at_most, fact="exposure")


def observe(options: Options, deadline: Deadline) -> Observation:
    """Ask systemd-analyze about the unit as it is loaded now."""
    if not shutil.which("systemd-analyze"):
        return Observation({}, not_applicable="systemd-analyze is not installed")
    told = program_output(["systemd-analyze", "security", "--no-pager", options.name], deadline.left())
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", told)
    if found:
        return Observation({"exposure": float(found.group(1))})
    state = program_output(["systemctl", "show", "--property=LoadState", "--", options.name], deadline.left())
    if state.strip() in ("LoadState=not-found", "LoadState=masked"):
        return Observation({}, not_applicable="%s is not installed" % options.name)
    return Observation({}, note=" ".join(told.split()))
