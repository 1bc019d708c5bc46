# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host has come up, and no unit of it has failed."""

from __future__ import annotations

import dataclasses
from typing import Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, at_most, one_of, option, program_output


@dataclasses.dataclass
class Options:
    """Options of a boot_state check."""

    state: Sequence[str] = option("what systemctl is-system-running says, or a list of accepted states", ["running"], expects=one_of)
    failed: Optional[int] = option("how many units may have failed", None, expects=at_most)
    ignore: Sequence[str] = option("units that may have failed", [])


def observe(options: Options, deadline: Deadline) -> Observation:
    """Ask systemd. A host that is degraded by ignored units only counts as running."""
    state = (program_output(["systemctl", "is-system-running"], deadline.left()).strip().splitlines() or [""])[-1]
    command = ["systemctl", "list-units", "--failed", "--all", "--plain", "--no-legend", "--no-pager"]
    names = [line.split()[0] for line in program_output(command, deadline.left()).splitlines() if line.split()]
    failed = [name for name in names if name not in options.ignore]
    if state == "degraded" and names and not failed:
        state = "running"
    return Observation({"state": state, "failed": len(failed)}, note="failed: %s" % ", ".join(failed) if failed else "")
