# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The site that is measured: base and exporters of the collection's own site.yml, on hosts that it has converged."""

from __future__ import annotations

from benchmarks import commands
from benchmarks.commands import Arm, BenchmarkError
from benchmarks.fleet import Lab
from lab.console import say

BASE = ("packages", "users", "time_sync", "certificates", "hardening", "firewall", "exporters")
CONVERGENCES = 3


def arm(name: str, lab: Lab, tags: tuple[str, ...], hosts: int, forks: int) -> Arm:
    """Return the command that plays these tags of site.yml on the first hosts of the fleet."""
    limit = ",".join(host.name for host in lab.fleet.hosts[:hosts])
    return Arm(name, commands.playbook("site.yml", lab.inventory, "--tags", ",".join(tags), "--limit", limit, "--forks", str(forks)))


def converge(lab: Lab, hosts: int) -> None:
    """Play the site, not measured, until a run changes nothing. Raises BenchmarkError with the tasks that go on changing something."""
    one = arm("converging the site", lab, BASE, hosts, 20)
    for number in range(CONVERGENCES):
        say(f"converging {hosts} host{'s' if hosts > 1 else ''} with base and exporters, run {number + 1}")
        result = commands.run(one, peers=False)
        if commands.recap(result.output).changed == 0:
            return
    tasks = ", ".join(commands.changed_tasks(result.output))
    raise BenchmarkError(
        f"run {CONVERGENCES} of the site still changes something ({tasks}); expected none. Mend the role before measuring it."
    )
