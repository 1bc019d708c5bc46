# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""More hosts: wall time, processor time and memory of the controller for a run without a change."""

from __future__ import annotations

import itertools
import statistics
from dataclasses import dataclass, field

from benchmarks import commands, report, site
from benchmarks.fleet import Lab
from benchmarks.suite import Options
from lab.console import say

NAME = "hosts"
FORKS = (20, 5)
MEBIBYTE = 2**20
NOISE = 1.05  # controller and hosts share the processors
MEMORY_LIMIT = 12.0


@dataclass
class Figures:
    """What the rounds of one arm took: seconds, seconds, MiB."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    peak: list[float] = field(default_factory=list)


Found = dict[tuple[int, int], Figures]


def hosts_needed(options: Options) -> int:
    """Return how many hosts this suite needs."""
    return max(options.hosts)


def arms(options: Options) -> list[tuple[int, int]]:
    """Return forks and number of hosts of each arm; fewer hosts than the smaller number of forks are the same run with "
    "either."""
    return [(forks, hosts) for forks in FORKS for hosts in sorted(options.hosts) if forks == max(FORKS) or hosts >= forks]


def run(lab: Lab, options: Options) -> report.Section:
    """Measure and return the section."""
    site.converge(lab, max(options.hosts))
    found: Found = {key: Figures() for key in arms(options)}
    for number in range(options.rounds):
        for (forks, hosts), figures in found.items():
            one = site.arm(f"{hosts} hosts, {forks} forks", lab, site.BASE, hosts, forks)
            result = commands.run(one, peers=False, memory=True)
            commands.unchanged(one, result)
            figures.wall.append(result.wall)
            figures.processor.append(result.processor)
            figures.peak.append(result.peak / MEBIBYTE)
            say(f"round {number + 1}, {one.name}: {result.wall:.1f} s, processor {result.processor:.1f} s, {figures.peak[-1]:.0f} MiB")
    return section(found)


def growth(found: Found, forks: int) -> list[float]:
    """Return, round by round, what each further host adds to the memory with these forks; nothing with fewer than two "
    "sizes."""
    sizes = [hosts for one, hosts in found if one == forks]
    if len(sizes) < 2:
        return []
    rounds = len(found[forks, sizes[0]].peak)
    return [report.slope({hosts: found[forks, hosts].peak[number] for hosts in sizes}) for number in range(rounds)]


def verdicts(found: Found) -> list[report.Verdict]:
    """Return the verdicts on memory and wall time."""
    told = []
    for forks in FORKS:
        target = f"{forks} forks: less than {MEMORY_LIMIT:.0f} MiB of the controller's memory for each further host"
        slopes = growth(found, forks)
        told.append(report.at_most(target, slopes, MEMORY_LIMIT, "MiB") if slopes else report.not_measured(target, "one size only"))
        sizes = sorted(hosts for one, hosts in found if one == forks)
        for few, many in itertools.pairwise(sizes):
            limit = many / few * NOISE
            target = f"{forks} forks: from {few} to {many} hosts at most {report.number(many / few)}x the wall time (and 5 % for noise)"
            told.append(report.at_most(target, report.ratios(found[forks, many].wall, found[forks, few].wall), limit, "x"))
    return told


def section(found: Found) -> report.Section:
    """Return the section from the figures."""
    rows = []
    for (forks, hosts), figures in found.items():
        each = [value / hosts for value in figures.wall]
        rows.append(
            (
                f"{hosts}",
                f"{forks}",
                report.spread(figures.wall, "s"),
                report.spread(each, "s"),
                report.spread(figures.processor, "s"),
                report.spread(figures.peak, "MiB"),
                f"{statistics.median(figures.peak) / hosts:.0f} MiB",
            )
        )
    header = ("hosts", "forks", "wall", "wall per host", "controller's processor", "controller's memory at its peak", "per host")
    text = (
        f"`site.yml` with base and exporters ({', '.join(site.BASE)}) on converged hosts, {len(next(iter(found.values())).wall)}"
        " rounds, the sizes in turn by `--limit`; a run in which anything changes is refused. Controller and hosts share one "
        "machine: with many hosts its processors are busy with the hosts' own work, so wall time and its growth are worse here "
        "than with hosts of their own.",
        "Memory is the sum of the proportional set sizes of all processes of the run, the open SSH connections among them: a "
        "page that forked workers share counts once. What a further host adds is the slope of a straight line through the sizes"
        " (least squares), round by round.",
    )
    return report.Section(NAME, "More hosts", text, (report.Table("", header, tuple(rows)),), tuple(verdicts(found)))
