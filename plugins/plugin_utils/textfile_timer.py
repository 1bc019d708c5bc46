# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program of the host that writes metrics for the node exporter again and again: its files and its timer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import unit_text

UNITS = "/etc/systemd/system"


@dataclass(frozen=True)
class Program:
    """name: of the program and its units. textfile: of the metrics. options: what else stands on its command line.

    service: settings of the unit besides the sandbox's. writes: directories besides that of the textfile.
    when: systemd's calendar expression. delay: by how much at most it is late. first: how long after a change it is run.
    """

    name: str
    description: str
    textfile: str
    options: tuple[str, ...] = ()
    when: str = "hourly"
    delay: str = "5min"
    first: str = "1min"
    service: Mapping[str, Any] | None = None
    writes: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Return where the program is."""
        return f"/usr/local/sbin/{self.name}"

    @property
    def timer(self) -> str:
        """Return the name of its timer."""
        return f"{self.name}.timer"


def plan(program: Program, text: str, folder: str, watched: Iterable[str] = ()) -> dict[str, Any]:
    """Return `files`, `units`, and `gone` (units to stop before their files go).

    text: of the program. folder: where the node exporter reads, empty where nobody does: then there is nothing.
    watched: paths whose change is told soon.
    """
    if not folder:
        return {"files": {}, "units": {}, "gone": {program.timer: {"state": "stopped", "enabled": False}}}
    unit = f"{program.name}.service"
    argv = [program.path, *program.options, "--textfile", f"{folder}/{program.textfile}"]
    own = {**(program.service or {}), "ReadWritePaths": " ".join(f"-{path}" for path in (folder, *program.writes))}
    service = unit_text.timed(unit_text.service(program.description, argv, user="root", oneshot=True, service=own))
    service["Unit"]["ConditionPathIsDirectory"] = folder  # the exporter that reads it comes later in the first run
    times = {"OnActiveSec": program.first, "OnCalendar": program.when, "RandomizedDelaySec": program.delay, "Unit": unit}
    timer = unit_text.timer(f"{program.description}, again and again", times)
    files: dict[str, Any] = {
        f"{UNITS}/{unit}": {"content": unit_text.lay_out(service)},
        f"{UNITS}/{program.timer}": {"content": unit_text.lay_out(timer)},
        program.path: {"content": text, "mode": "0755"},
    }
    return {"files": files, "units": {program.timer: {"state": "started", "enabled": True, "restart_on": [*files, *watched]}}, "gone": {}}


def removal(program: Program, folder: str) -> dict[str, Any]:
    """Return the units to stop, and the file that the program wrote."""
    units = {program.timer: {"state": "stopped", "enabled": False}, f"{program.name}.service": {"state": "stopped"}}
    return {"units": units, "files": {f"{folder}/{program.textfile}": {"content": ""}} if folder else {}}
