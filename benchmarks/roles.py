# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole roles without a change: hardening and the node exporter against the peers' roles for the same scope, and all of base."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from benchmarks import commands, report, site
from benchmarks.commands import Arm, BenchmarkError
from benchmarks.fleet import CACHE, Lab
from benchmarks.suite import Options
from lab.console import ROOT, say

NAME = "roles"
TWO, ALL = "hardening, exporters", "packages, users, time_sync, certificates, hardening, firewall, exporters"
DEVSEC, PROMETHEUS = "devsec.hardening (os, ssh)", "prometheus.prometheus.node_exporter"
RECORDED = {DEVSEC: 56.0, PROMETHEUS: 11.0}
ROLES = {
    DEVSEC: ("devsec.hardening.os_hardening", "devsec.hardening.ssh_hardening"),
    PROMETHEUS: ("prometheus.prometheus.node_exporter",),
}
LIMIT = 8.0


def given(options: Options) -> dict[str, Path]:
    """Return the peers whose sources the user gave."""
    paths = {DEVSEC: options.devsec, PROMETHEUS: options.prometheus}
    return {name: path for name, path in paths.items() if path is not None}


def hosts_needed(options: Options) -> int:
    """Return how many hosts this suite needs: one for us, one for the peers where they are measured."""
    return 2 if given(options) else 1


def linked(names: tuple[str, ...], path: Path) -> Path:
    """Make the source of a peer's roles importable as a collection and return the collections' folder. Raises BenchmarkError where it "
    "is another one."""
    wanted = names[0].split(".")[:2]
    galaxy = path / "galaxy.yml"
    said = yaml.safe_load(galaxy.read_text(encoding="utf-8")) if galaxy.exists() else {}
    if [said.get("namespace"), said.get("name")] != wanted:
        raise BenchmarkError(
            f"{path.name}/galaxy.yml says {said.get('namespace')}.{said.get('name')}; expected the source of {'.'.join(wanted)}"
        )
    folder = CACHE / "collections"
    link = folder / "ansible_collections" / wanted[0] / wanted[1]
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(path)
    return folder


def peer(name: str, names: tuple[str, ...], path: Path, lab: Lab, options: Options) -> Arm:
    """Return the command that plays a peer's roles on the second host."""
    collections = linked(names, path)
    book = CACHE / "playbooks" / f"{'-'.join(names)}.json"
    book.parent.mkdir(parents=True, exist_ok=True)
    play = {"name": name, "hosts": lab.fleet.hosts[1].name, "gather_facts": True, "roles": [{"role": role} for role in names]}
    book.write_text(json.dumps([play]), encoding="utf-8")
    extra = ("-e", f"@{options.peer_variables}") if options.peer_variables else ()
    command = commands.playbook(str(book), lab.inventory, *extra)
    # Roles of older releases have conditions that are texts; ansible-core 2.19 and later refuse these unless told otherwise.
    variables = {"ANSIBLE_COLLECTIONS_PATH": f"{collections}:{ROOT / 'collections'}", "ANSIBLE_ALLOW_BROKEN_CONDITIONALS": "true"}
    return Arm(name, command, variables)


def run(lab: Lab, options: Options) -> report.Section:
    """Measure and return the section."""
    site.converge(lab, 1)
    arms = [site.arm(TWO, lab, ("hardening", "exporters"), 1, 20), site.arm(ALL, lab, site.BASE, 1, 20)]
    peers = [peer(name, ROLES[name], path, lab, options) for name, path in given(options).items()]
    for one in peers:
        say(f"converging {one.name}")
        commands.run(one, peers=False)
        commands.run(one, peers=False)
    wall: dict[str, list[float]] = {}
    processor: dict[str, list[float]] = {}
    for number in range(options.rounds):
        for one in (*arms, *peers):
            result = commands.run(one, peers=False)
            commands.unchanged(one, result)
            wall.setdefault(one.name, []).append(result.wall)
            processor.setdefault(one.name, []).append(result.processor)
        say(f"roles, round {number + 1}: " + ", ".join(f"{name} {report.number(values[-1])} s" for name, values in wall.items()))
    return section(wall, processor, options)


def section(wall: dict[str, list[float]], processor: dict[str, list[float]], options: Options) -> report.Section:
    """Return the section from the figures of the arms that were run; the recorded ones stand in for the others."""
    rounds = len(wall[TWO])
    peers = {name: wall.get(name, [RECORDED[name]] * rounds) for name in RECORDED}
    both = [sum(times) for times in zip(*peers.values(), strict=True)]
    rows = [(f"groundwork.fleet: {name}", report.spread(wall[name], "s"), "", report.spread(processor[name], "s")) for name in (TWO, ALL)]
    for name, times in peers.items():
        measured = name in wall
        rows.append(
            (
                name if measured else f"{name}, recorded, not measured here",
                report.spread(times, "s") if measured else f"{times[0]:.0f} s",
                "",
                report.spread(processor[name], "s") if measured else "",
            )
        )
    whole = "both peers" if len(given(options)) == len(RECORDED) else "both peers (with recorded figures)"
    rows.append((whole, report.spread(both, "s"), report.spread(report.ratios(both, wall[TWO]), "x"), ""))
    header = ("run without a change", "whole command", "hardening, exporters are faster by", "controller's processor")
    verdict = report.at_least(
        f"hardening and node exporter without a change: at least {LIMIT:.0f}x faster than the peers' roles",
        report.ratios(both, wall[TWO]),
        LIMIT,
    )
    text = (
        "One converged host, `site.yml --tags …` as a user runs it (input is judged and facts are gathered in each run), "
        f"{rounds} rounds; a run in which anything changes is refused. The figures are of whole commands, from the start of the "
        "program to its end.",
        "The peers' figures marked as recorded (56 s and 11 s) were not taken by this program: they are the ones that the target names, "
        "and on which machine they were taken is not known here. Ratios with them are not paired and say only roughly how things stand. "
        "`./run bench roles --devsec PATH --prometheus PATH` measures the peers here instead, on a second host of the same image, "
        "from their sources (`--peer-variables FILE` says what a container needs).",
    )
    return report.Section(NAME, "Roles without a change", text, (report.Table("", header, tuple(rows)),), (verdict,))
