# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fifty health checks: groundwork.fleet.health_check, the same as Ansible tasks, testinfra; and on the host itself our program and goss."""

from __future__ import annotations

import importlib
import io
import json
import sys
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder

from benchmarks import commands, report
from benchmarks.commands import Arm, BenchmarkError
from benchmarks.fleet import CACHE, Lab
from benchmarks.suite import Options
from lab import goss
from lab.console import ROOT, say

NAME = "health"
HOST = "host-1"
OURS, TASKS, TESTINFRA = "groundwork.fleet.health_check", "uri, wait_for, service_facts, stat, assert", "testinfra over ansible"
ARMS = (OURS, TASKS, TESTINFRA)
EMPTY = {OURS: "empty play", TASKS: "empty play", TESTINFRA: "one empty command of testinfra"}
PROGRAM, GOSS = "groundwork-health", "goss validate"
TARGETS = ((TASKS, 15.0), (TESTINFRA, 20.0))
SLOWER = 2.0
LOCAL_RUNS = 15
FOLDER = "/srv/benchmark"
WEB_PORT, SSH_PORT = 8099, 22
PAGES, PORTS, UNITS, FILES = 10, 10, 15, 15
COUNT = PAGES + PORTS + UNITS + FILES


def hosts_needed(_options: Options) -> int:
    """Return how many hosts this suite needs."""
    return 1


def subjects() -> dict[str, list[dict[str, Any]]]:
    """Return what is looked at, in a form that all arms read."""
    return {
        "pages": [{"url": f"http://127.0.0.1:{WEB_PORT}/page-{number}", "text": f"page {number}"} for number in range(PAGES)],
        "ports": [{"port": WEB_PORT if number % 2 else SSH_PORT} for number in range(PORTS)],
        "units": [{"name": f"bench-{number}.service"} for number in range(UNITS)],
        "files": [{"path": f"{FOLDER}/page-{number % PAGES}" if number < PAGES else f"{FOLDER}/file-{number}"} for number in range(FILES)],
    }


def our_checks() -> dict[str, Any]:
    """Return the checks as we declare them."""
    found = subjects()
    checks: dict[str, Any] = {f"page {n}": {"http": {"url": one["url"], "contains": one["text"]}} for n, one in enumerate(found["pages"])}
    checks.update({f"port {n}": {"tcp": {"port": one["port"]}} for n, one in enumerate(found["ports"])})
    checks.update({f"unit {n}": {"systemd_unit": {"name": one["name"]}} for n, one in enumerate(found["units"])})
    checks.update({f"file {n}": {"file": {"path": one["path"], "mode": "0644", "owner": "root"}} for n, one in enumerate(found["files"])})
    return checks


def goss_checks() -> dict[str, Any]:
    """Return the same as a goss file; a port that is there twice is two resources there too."""
    found = subjects()
    addresses = {f"port {n}": {"address": f"tcp://127.0.0.1:{one['port']}", "reachable": True} for n, one in enumerate(found["ports"])}
    files = {f"file {n}": {"path": one["path"], "exists": True, "mode": "0644", "owner": "root"} for n, one in enumerate(found["files"])}
    return {
        "http": {one["url"]: {"status": 200, "body": [one["text"]]} for one in found["pages"]},
        "addr": addresses,
        "service": {one["name"].removesuffix(".service"): {"running": True} for one in found["units"]},
        "file": files,
    }


def prepared(lab: Lab) -> None:
    """Put onto the host what is looked at."""
    names = {Path(one["path"]).name for one in subjects()["files"]} | {Path(one["url"]).name for one in subjects()["pages"]}
    _copy(lab, FOLDER, {name: (name.replace("-", " ").encode() + b"\n", 0o644) for name in sorted(names)})
    web = ["python3", "-c", WEB, str(WEB_PORT), FOLDER]
    for name, command in [("bench-web", web), *((f"bench-{number}", ["sleep", "infinity"]) for number in range(UNITS))]:
        lab.inside(HOST, ["systemctl", "stop", f"{name}.service"]) if name in lab.inside(
            HOST, ["systemctl", "list-units", "--plain"]
        ) else None
        lab.inside(HOST, ["systemd-run", "--collect", f"--unit={name}", *command])


def _copy(lab: Lab, folder: str, files: dict[str, tuple[bytes, int]]) -> None:
    """Write files into a folder of the host."""
    lab.inside(HOST, ["mkdir", "-p", folder])
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, (content, mode) in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), mode
            archive.addfile(member, io.BytesIO(content))
    host = next(one for one in lab.fleet.hosts if one.name == HOST)
    lab.client.containers.get(lab.fleet.container(host)).put_archive(folder, buffer.getvalue())


#: The queue of Python's own server holds five: who knocks in parallel would measure the kernel's second until it knocks again.
WEB = """
import functools, http.server, sys
http.server.ThreadingHTTPServer.request_queue_size = 128
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[2])
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), handler).serve_forever()
"""


@dataclass
class Times:
    """Seconds of each round by arm."""

    wall: dict[str, list[float]] = field(default_factory=dict)
    processor: dict[str, list[float]] = field(default_factory=dict)


def arms(lab: Lab) -> list[Arm]:
    """Return all commands, the empty ones first."""
    path = CACHE / "inputs" / "health.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"bench_checks": our_checks(), "bench": subjects()}), encoding="utf-8")
    limit = ("--limit", HOST, "-e", f"@{path}")
    pytest = str(commands.programs(peers=True) / "pytest")
    script = ROOT / "benchmarks" / "peers" / "health_testinfra.py"
    told = (
        "-q",
        "-p",
        "no:cacheprovider",
        f"--rootdir={script.parent}",
        "--force-ansible",
        f"--ansible-inventory={lab.inventory}",
        "--sudo",
    )
    infra = (pytest, str(script), *told, f"--hosts=ansible://{HOST}")
    return [
        Arm(EMPTY[OURS], commands.playbook("empty.yml", lab.inventory, *limit, peers=True)),
        Arm(EMPTY[TESTINFRA], (*infra, "-k", "test_nothing"), {"BENCH_INPUTS": str(path)}),
        Arm(OURS, commands.playbook("health.yml", lab.inventory, *limit, peers=True)),
        Arm(TASKS, commands.playbook("health_tasks.yml", lab.inventory, *limit, peers=True)),
        Arm(TESTINFRA, (*infra, "-k", "not test_nothing"), {"BENCH_INPUTS": str(path)}),
    ]


def judged(arm: Arm, output: str) -> None:
    """Raise BenchmarkError where an arm did not look at everything."""
    wanted = {OURS: f"all {COUNT} checks passed", TASKS: f"bench: {COUNT} things are well", TESTINFRA: f"{COUNT} passed"}.get(arm.name, "")
    if wanted not in output:
        raise BenchmarkError(
            f"{arm.name} did not say {wanted!r}: arms that do different work cannot be compared; look at .cache/bench/logs"
        )


#: Run on the host: both programs in turn, so that what else the machine does meets both. Prints seconds.
LOCAL = """
import json, subprocess, sys, time
commands, runs = json.loads(sys.argv[1]), int(sys.argv[2])
found = [[] for _ in commands]
for _ in range(runs):
    for number, command in enumerate(commands):
        started = time.monotonic()
        done = subprocess.run(command, capture_output=True)
        found[number].append(time.monotonic() - started)
        if done.returncode:
            sys.exit("%s ended with %d: %s" % (command[0], done.returncode, (done.stdout + done.stderr).decode()[-500:]))
print(json.dumps(found))
"""


def local(lab: Lab) -> dict[str, list[float]]:
    """Return the seconds of our program and of goss on the host, start-up included."""
    if not any(isinstance(one, _AnsibleCollectionFinder) for one in sys.meta_path):
        _AnsibleCollectionFinder(paths=[str(ROOT / "collections")])._install()
    health_program = importlib.import_module("ansible_collections.groundwork.fleet.plugins.plugin_utils.health_program")
    program = health_program.host_program(health_program.types_used(our_checks()))
    declaration = json.dumps({"timeout": "60s", "checks": our_checks()})
    files = {
        "groundwork-health": (program.encode(), 0o755),
        "health.json": (declaration.encode(), 0o644),
        "goss": (goss.binary().read_bytes(), 0o755),
        "goss.yaml": (yaml.safe_dump(goss_checks()).encode(), 0o644),
    }
    folder = f"{FOLDER}-programs"
    _copy(lab, folder, files)
    ours = [f"{folder}/groundwork-health", "--declaration", f"{folder}/health.json"]
    theirs = [f"{folder}/goss", "-g", f"{folder}/goss.yaml", "validate"]
    if f"all {COUNT} checks passed" not in lab.inside(HOST, ours):  # the first run also keeps its byte code, as on every host
        raise BenchmarkError(f"{PROGRAM} did not pass {COUNT} checks")
    found = json.loads(lab.inside(HOST, ["python3", "-c", LOCAL, json.dumps([ours, theirs]), str(LOCAL_RUNS)]))
    return {PROGRAM: found[0], GOSS: found[1]}


def measured(lab: Lab, options: Options) -> Times:
    """Run all arms in turn, round by round."""
    times = Times()
    for number in range(options.rounds):
        for arm in arms(lab):
            result = commands.run(arm, peers=True)
            judged(arm, result.output)
            times.wall.setdefault(arm.name, []).append(result.wall)
            times.processor.setdefault(arm.name, []).append(result.processor)
        told = ", ".join(f"{name} {report.number(values[-1])} s" for name, values in times.wall.items())
        say(f"{COUNT} health checks, round {number + 1}: {told}")
    return times


def table(times: Times) -> report.Table:
    """Return the table of what the controller runs."""
    ours, alone = times.wall[OURS], report.net(times.wall[OURS], times.wall[EMPTY[OURS]])
    rows = []
    for name in ARMS:
        net = report.net(times.wall[name], times.wall[EMPTY[name]])
        same = name == OURS
        rows.append(
            (
                name,
                report.spread(times.wall[name], "s"),
                "1" if same else report.spread(report.ratios(times.wall[name], ours), "x"),
                report.spread(net, "s"),
                "1" if same else report.spread(report.ratios(net, alone), "x"),
                report.spread(times.processor[name], "s"),
            )
        )
    for name in dict.fromkeys(EMPTY.values()):
        rows.append((name, report.spread(times.wall[name], "s"), "", "", "", report.spread(times.processor[name], "s")))
    header = ("", "whole command", "ours is faster by", "checks alone", "ours is faster by", "controller's processor")
    return report.Table(f"{COUNT} checks from the controller", header, tuple(rows))


def local_table(seconds: dict[str, list[float]]) -> report.Table:
    """Return the table of what the host runs itself."""
    rows = [
        (PROGRAM, report.spread(seconds[PROGRAM], "s"), "1"),
        (GOSS, report.spread(seconds[GOSS], "s"), report.spread(report.ratios(seconds[GOSS], seconds[PROGRAM]), "x")),
    ]
    return report.Table(f"{COUNT} checks on the host itself", ("", "start to end", "takes so many times ours"), tuple(rows))


def verdicts(times: Times, seconds: dict[str, list[float]]) -> list[report.Verdict]:
    """Return the verdicts on the targets."""
    ours, told = report.net(times.wall[OURS], times.wall[EMPTY[OURS]]), []
    for peer, limit in TARGETS:
        target = f"{COUNT} checks, checks alone: at least {limit:.0f}x faster than {peer}"
        told.append(report.at_least(target, report.ratios(report.net(times.wall[peer], times.wall[EMPTY[peer]]), ours), limit))
    target = f"{COUNT} checks on the host, start-up included: at most {SLOWER:.0f}x the time of goss"
    return [*told, report.at_most(target, report.ratios(seconds[PROGRAM], seconds[GOSS]), SLOWER, "x")]


def run(lab: Lab, options: Options) -> report.Section:
    """Measure and return the section."""
    commands.peers()
    prepared(lab)
    times, seconds = measured(lab, options), local(lab)
    text = (
        f"One host, {options.rounds} rounds, the arms in turn: {PAGES} pages with their text, {PORTS} ports, {UNITS} units, {FILES} files "
        "with mode and owner, all of them well; each arm proves that it looked at all of them. The arms of Ansible use OpenSSH with "
        f"pipelining, testinfra {commands.version(True, 'pytest-testinfra')} its backend `ansible` (`--force-ansible`). "
        "*Checks alone* is the whole command less the median of the empty ones of the same tool.",
        f"On the host itself {PROGRAM} and goss 0.4.9 (built from its sources) run in turn {LOCAL_RUNS} times, from the start of the "
        "program to its end, both with what they keep between runs.",
    )
    warning = report.noise("the empty play", times.wall[EMPTY[OURS]])
    told = (*text, warning) if warning else text
    return report.Section(NAME, "Health checks", told, (table(times), local_table(seconds)), tuple(verdicts(times, seconds)))
