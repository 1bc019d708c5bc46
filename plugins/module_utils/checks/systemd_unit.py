# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A systemd unit is in the expected state."""

from __future__ import annotations

import dataclasses
from typing import Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, equal, one_of, option, program_output


@dataclasses.dataclass
class Options:
    """Options of a systemd_unit check."""

    name: str = option("the unit's name with its suffix")
    state: Sequence[str] = option("its state, or a list of accepted ones", ["active"], expects=one_of)
    enabled: Optional[bool] = option("whether it starts at boot", None, expects=equal)


def observe(options: Options, deadline: Deadline) -> Observation:
    """Ask systemd for the unit's properties."""

    def journal() -> str:
        return program_output(["journalctl", "--no-pager", "--quiet", "-o", "cat", "-n", "10", "-u", options.name], 5)

    names = "LoadState,ActiveState,SubState,Result,UnitFileState,InvocationID"
    answer = program_output(["systemctl", "show", "--property=" + names, "--", options.name], deadline.left())
    unit = dict(line.split("=", 1) for line in answer.splitlines() if "=" in line)
    if "ActiveState" not in unit:
        return Observation({}, note=answer.strip())
    facts = {
        "state": unit["ActiveState"],
        "enabled": unit.get("UnitFileState") in ("enabled", "enabled-runtime", "alias", "static", "generated"),
    }
    note = "%s, %s, result %s" % (unit.get("LoadState"), unit.get("SubState"), unit.get("Result"))
    return Observation(facts, note=note, identity=unit.get("InvocationID", ""), detail=journal)
