# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages and six services on a host, without a change: against the facts and one ping, and in remote calls."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks import commands, report
from benchmarks.commands import Arm, BenchmarkError
from benchmarks.fleet import CACHE, Lab
from benchmarks.suite import Options
from lab import releases
from lab.console import ROOT, say
from tests.integration import remote_calls

NAME = "services"
OURS, PEER = "packages and six services", "facts and a ping"
LIMIT, CALLS = 2.0, 4
CONVERGENCES = 3
HELLO = ROOT / "lab" / "releases" / "hello"
PORTS = (8091, 8092, 8093, 8094)


def hosts_needed(_options: Options) -> int:
    """Return how many hosts this suite needs."""
    return 1


def declared(archive: Path, digest: str, ports: tuple[int, ...] = PORTS) -> dict[str, Any]:
    """Return six services: two from packages with their templates, and one from a release archive on each of the ports."""
    release = {"url": str(archive), "version": "1.0.0", "sha256": digest}
    services: dict[str, Any] = {"nginx": {"catalogue": "nginx"}, "postgresql": {"catalogue": "postgresql"}}
    for port in ports:
        check = {"http": {"url": f"http://127.0.0.1:{port}/healthz", "contains": "ok"}}
        own = {"options": {"port": port}, "ports": [{"port": port, "from": ["any"]}], "health": [check]}
        services[f"hello-{port}"] = {"catalogue": "hello", "release": release, **own}
    return services


def arms(inventory: Path, variables: Path) -> tuple[Arm, Arm]:
    """Return the two commands, ours first. variables: a file with the services."""
    ours = commands.playbook("services.yml", inventory, "--tags", "packages,services", "-e", f"@{variables}")
    return Arm(OURS, ours), Arm(PEER, commands.playbook("ping.yml", inventory))


def certificates(inventory: Path, variables: Path) -> Arm:
    """Return the command that gives the services their certificates: PostgreSQL talks TLS with that of the host."""
    tags = ("--tags", "packages,certificates", "-e", f"@{variables}")
    return Arm("certificates of the services", commands.playbook("playbooks/base.yml", inventory, *tags))


def counted(arm: Arm) -> list[remote_calls.Call]:
    """Return the remote calls of one more run, that is not timed."""
    record = CACHE / "calls"
    record.unlink(missing_ok=True)
    callbacks = {"ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests" / "integration" / "callbacks"), "ANSIBLE_CALLBACKS_ENABLED": "remote_calls"}
    commands.run(Arm(arm.name, arm.command, {**arm.variables, **callbacks, "GROUNDWORK_CALLS": str(record)}), peers=False)
    return remote_calls.parsed(record.read_text(encoding="utf-8"))


def modules(calls: list[remote_calls.Call]) -> int:
    """Return how many modules were run on the one host."""
    return sum(remote_calls.runs_of_modules(calls).values())


def converge(arm: Arm) -> None:
    """Play it, not measured, until a run changes nothing. Raises BenchmarkError with the tasks that go on changing something."""
    for number in range(CONVERGENCES):
        say(f"converging {arm.name}, run {number + 1}")
        result = commands.run(arm, peers=False)
        if commands.recap(result.output).changed == 0:
            return
    raise BenchmarkError(f"run {CONVERGENCES} still changes something ({', '.join(commands.changed_tasks(result.output))}); expected none")


def run(lab: Lab, options: Options) -> report.Section:
    """Measure and return the section."""
    archive = CACHE / "releases" / "hello.tar"
    digest = releases.build(HELLO, archive)
    variables = CACHE / "services.json"
    variables.write_text(json.dumps({"fleet_services": declared(archive, digest)}), encoding="utf-8")
    ours, peer = arms(lab.inventory, variables)
    commands.run(certificates(lab.inventory, variables), peers=False)
    converge(ours)
    wall: dict[str, list[float]] = {OURS: [], PEER: []}
    processor: dict[str, list[float]] = {OURS: [], PEER: []}
    for number in range(options.rounds):
        for one in (ours, peer):
            result = commands.run(one, peers=False)
            commands.unchanged(one, result)
            wall[one.name].append(result.wall)
            processor[one.name].append(result.processor)
        say(f"services, round {number + 1}: " + ", ".join(f"{name} {report.number(values[-1])} s" for name, values in wall.items()))
    return section(wall, processor, {one.name: counted(one) for one in (ours, peer)})


def section(wall: dict[str, list[float]], processor: dict[str, list[float]], calls: dict[str, list[remote_calls.Call]]) -> report.Section:
    """Return the section from the figures of both arms."""
    ratios = report.ratios(wall[OURS], wall[PEER])
    rows = tuple(
        (name, report.spread(wall[name], "s"), report.spread(ratios, "x") if name == OURS else "1", f"{modules(calls[name])}",
         report.spread(processor[name], "s"))
        for name in (OURS, PEER)
    )  # fmt: skip
    header = ("run without a change", "whole command", "of the ping", "remote calls", "controller's processor")
    text = (
        f"One converged host with nginx, PostgreSQL and four services from a release archive; the roles packages and services, "
        f"{len(wall[OURS])} rounds, the arms in turn. Both arms gather the same facts. The figures are of whole commands, from the start "
        "of the program to its end. A remote call is one module run on the host, the facts "
        "among them; they are counted in the connection, in a run that is not timed.",
        *filter(None, [report.noise(PEER, wall[PEER])]),
    )
    verdicts = (
        report.at_most("packages and six services without a change: under 2x of facts and a ping", ratios, LIMIT, "x"),
        report.at_most("packages and six services without a change: remote calls", [float(modules(calls[OURS]))], CALLS, "calls"),
    )
    return report.Section(NAME, "Packages and six services", text, (report.Table("", header, rows),), verdicts)
