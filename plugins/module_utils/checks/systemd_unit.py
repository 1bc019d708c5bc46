# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A systemd unit is in the expected state."""

from __future__ import annotations

import dataclasses
import time
from typing import Any, Dict, Mapping, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils.health import (
    Deadline,
    Observation,
    at_least,
    at_most,
    equal,
    one_of,
    option,
    program_output,
)

_PROPERTIES = (
    "LoadState,ActiveState,SubState,Result,UnitFileState,InvocationID,NRestarts,ExecMainStatus,WatchdogUSec,"
    "MemoryCurrent,TasksCurrent,ActiveEnterTimestampMonotonic,StatusText"
)


_STATES = ("active", "activating", "deactivating", "failed", "inactive", "maintenance", "refreshing", "reloading")  # systemctl(1)


@dataclasses.dataclass
class Options:
    """Options of a systemd_unit check."""

    name: str = option("the unit's name with its suffix")
    state: Sequence[str] = option("its state, or a list of accepted ones", ["active"], expects=one_of, choices=_STATES)
    enabled: Optional[bool] = option("whether it starts at boot", None, expects=equal)
    substate: Optional[Sequence[str]] = option("its state in the words of its kind (running, exited), or a list", None, expects=one_of)
    restarts: Optional[int] = option("how often systemd may have started it anew", None, expects=at_most)
    running_for: Optional[float] = option(
        "for how long it has to be active: one that crashes in a loop is young", None, expects=at_least, unit="seconds"
    )
    exit_status: Optional[int] = option("the exit status of its last run", None, expects=equal)
    result: Optional[str] = option("how its last run ended (success, exit-code, timeout, watchdog)", None, expects=equal)
    watchdog: Optional[bool] = option("whether systemd watches that it is alive", None, expects=equal)
    memory: Optional[int] = option("how much memory it may have", None, expects=at_most, unit="bytes")
    tasks: Optional[int] = option("how many tasks it may have", None, expects=at_most)
    lines: int = option("how many of its last journal lines the message of a failure has", 10)


def _number(unit: Mapping[str, str], name: str) -> Optional[int]:
    value = unit.get(name, "")
    return int(value) if value.isdigit() and int(value) < 2**63 else None


def _facts(unit: Mapping[str, str]) -> Dict[str, Any]:
    facts: Dict[str, Any] = {
        "state": unit["ActiveState"],
        "substate": unit.get("SubState", ""),
        "result": unit.get("Result", ""),
        "enabled": unit.get("UnitFileState") in ("enabled", "enabled-runtime", "alias", "static", "generated"),
        "watchdog": unit.get("WatchdogUSec", "0") not in ("0", "infinity", ""),
    }
    numbers = {"restarts": "NRestarts", "exit_status": "ExecMainStatus", "memory": "MemoryCurrent", "tasks": "TasksCurrent"}
    for fact, name in numbers.items():
        number = _number(unit, name)
        if number is not None:
            facts[fact] = number
    since = _number(unit, "ActiveEnterTimestampMonotonic")
    if since and unit["ActiveState"] == "active":
        facts["running_for"] = max(time.clock_gettime(time.CLOCK_MONOTONIC) - since / 1e6, 0.0)
    return facts


def observe(options: Options, deadline: Deadline) -> Observation:
    """Ask systemd for the unit's properties."""

    def journal() -> str:
        lines = ["journalctl", "--no-pager", "--quiet", "-o", "cat", "-n", str(options.lines), "-u", options.name]
        return program_output(lines, 4) if options.lines else ""

    answer = program_output(["systemctl", "show", "--property=" + _PROPERTIES, "--", options.name], deadline.left())
    unit = dict(line.split("=", 1) for line in answer.splitlines() if "=" in line)
    if "ActiveState" not in unit:
        return Observation({}, note=answer.strip())
    told = [unit.get("LoadState", ""), unit.get("SubState", "")]
    if unit.get("Result", "success") != "success":
        told.append("result %s" % unit["Result"])
    restarts = _number(unit, "NRestarts")
    if restarts:
        told.append("restarted %d times" % restarts)
    if unit.get("StatusText"):
        told.append(unit["StatusText"])
    identity = "%s %s" % (unit.get("InvocationID", ""), unit.get("NRestarts", ""))
    return Observation(_facts(unit), note=", ".join(filter(None, told)), identity=identity, detail=journal)
