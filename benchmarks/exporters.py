# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Three exporters on a host, without a change: against the peer's roles for the same three, and against one exporter in remote calls."""

from __future__ import annotations

import json

from benchmarks import commands, report, roles, services, site
from benchmarks.commands import Arm
from benchmarks.fleet import Lab
from benchmarks.suite import Options
from lab.console import say
from tests.integration import remote_calls

NAME = "exporters"
THREE = ("node", "process", "blackbox")
OURS, ONE, PEER = "node, process and blackbox", "node alone", "prometheus.prometheus, the same three"
PING = services.PEER  # the least that a run on a host can be
ROLES = tuple(f"prometheus.prometheus.{name}_exporter" for name in THREE)
#: Seconds that the target names for one exporter; the peer does the same for each.
RECORDED = 11.0 * len(THREE)
LIMIT = 8.0


def hosts_needed(options: Options) -> int:
    """Return how many hosts this suite needs: one for us, one for the peer where it is measured."""
    return 2 if options.prometheus else 1


def arm(name: str, lab: Lab, exporters: tuple[str, ...]) -> Arm:
    """Return the command that plays the role exporters of site.yml with these exporters."""
    given = json.dumps({"exporters_enabled": {one: {} for one in exporters}})
    base = site.arm(name, lab, ("exporters",), 1, 20)
    return Arm(name, (*base.command, "-e", given))


def run(lab: Lab, options: Options) -> report.Section:
    """Measure and return the section."""
    site.converge(lab, 1)
    alone, three = arm(ONE, lab, THREE[:1]), arm(OURS, lab, THREE)
    wall: dict[str, list[float]] = {}
    processor: dict[str, list[float]] = {}
    services.converge(alone)
    calls = {ONE: services.counted(alone)}
    services.converge(three)
    arms = [three, Arm(PING, commands.playbook("ping.yml", lab.inventory))]
    if options.prometheus:
        arms.append(roles.peer(PEER, ROLES, options.prometheus, lab, options))
        services.converge(arms[-1])
    for number in range(options.rounds):
        for one in arms:
            result = commands.run(one, peers=False)
            commands.unchanged(one, result)
            wall.setdefault(one.name, []).append(result.wall)
            processor.setdefault(one.name, []).append(result.processor)
        say(f"exporters, round {number + 1}: " + ", ".join(f"{name} {report.number(values[-1])} s" for name, values in wall.items()))
    calls.update({one.name: services.counted(one) for one in arms})
    return section(wall, processor, calls, roles.obtained(options.prometheus))


def section(
    wall: dict[str, list[float]], processor: dict[str, list[float]], calls: dict[str, list[remote_calls.Call]], obtained: str = ""
) -> report.Section:
    """Return the section from the figures; the recorded one is shown, and judged by nothing, for a peer that was not run.

    obtained: how the peer's source came here.
    """
    measured = PEER in wall
    modules = {name: services.modules(found) for name, found in calls.items()}
    rows = [
        (name, report.spread(times, "s"), report.spread(report.ratios(times, wall[OURS]), "x"), f"{modules[name]}",
         report.spread(processor[name], "s"))
        for name, times in wall.items()
    ]  # fmt: skip
    rows.insert(1, (ONE, "", "", f"{modules[ONE]}", ""))
    if not measured:
        rows.append((f"{PEER}, recorded, not measured here", f"{RECORDED:.0f} s", "", "", ""))
    header = ("run without a change", "whole command", "takes so many times ours", "remote calls", "controller's processor")
    text = [
        "One converged host, `site.yml --tags exporters` as a user runs it (input is judged, facts are gathered, every exporter is "
        f"scraped), {len(wall[OURS])} rounds; a run in which anything changes is refused. A remote call is one module run on the host, "
        "the facts among them; they are counted in the connection, in a run that is not timed."
    ]
    if not measured:
        text.append(
            "The peer's figure was not taken by this program: it is the one that the target names for one exporter (11 s), three times. "
            "On which machine that was taken is not known here. `./run bench exporters --prometheus PATH` measures the peer "
            "here instead, on a second host of the same image, from its source (`--peer-variables FILE` says where its archives are)."
        )
    text += filter(None, [obtained, report.noise(PING, wall[PING])])
    target = f"three exporters without a change: at least {LIMIT:.0f}x faster than the peer's roles"
    verdicts = (
        report.at_least(target, report.ratios(wall[PEER], wall[OURS]), LIMIT)
        if measured
        else report.not_measured(target, "the peer's source is not here"),
        report.at_most("two further exporters: remote calls", [float(modules[OURS] - modules[ONE])], 0, "calls"),
    )
    return report.Section(NAME, "Exporters", tuple(text), (report.Table("", header, tuple(rows)),), verdicts)
