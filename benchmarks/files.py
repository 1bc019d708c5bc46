# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets of files, unchanged and changed: groundwork.fleet.files, a loop of ansible.builtin.template (plain, under mitogen), pyinfra."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import commands, report
from benchmarks.commands import Arm, BenchmarkError
from benchmarks.fleet import CACHE, Lab, digest
from benchmarks.suite import Options
from lab.console import ROOT, say

NAME = "files"
HOST = "host-1"
OURS, LOOP, MITOGEN, PYINFRA = "groundwork.fleet.files", "loop of template", "loop under mitogen", "pyinfra"
ARMS = (OURS, LOOP, MITOGEN, PYINFRA)
EMPTY = {OURS: "empty play", LOOP: "empty play", MITOGEN: "empty play under mitogen", PYINFRA: "empty pyinfra deploy"}
TEMPLATE = ROOT / "benchmarks" / "playbooks" / "templates" / "service.conf.j2"
MANY = 100  # files; more are measured once
TARGETS = ((20, LOOP, 10.0), (20, MITOGEN, 2.0), (100, LOOP, 40.0))


def hosts_needed(_options: Options) -> int:
    """Return how many hosts this suite needs."""
    return 1


def directory(arm: str) -> str:
    """Return where an arm writes its files."""
    return f"/etc/benchmark/{ARMS.index(arm)}"


def inputs(arm: str, size: int, revision: int) -> dict[str, Any]:
    """Return the variables of an arm: the same files for all of them, each in the form that the arm takes."""
    site = {
        "environment": "production",
        "owner": "the platform team",
        "revision": revision,
        "timeout": 30,
        "protocols": ["TLSv1.2", "TLSv1.3"],
    }
    files = [
        {
            "name": f"service-{number:03d}",
            "port": 20000 + number,
            "workers": 1 + number % 8,
            "upstreams": [{"host": f"10.0.{number % 250}.{place}", "port": 8080, "weight": place} for place in range(1, 5)],
        }
        for number in range(size)
    ]
    if arm != OURS:
        return {"bench_site": site, "bench_files": files, "bench_directory": directory(arm), "bench_template": str(TEMPLATE)}
    options = ((one, {"template": TEMPLATE.name, "mode": "0644", "vars": {"bench_file": one}}) for one in files)
    return {"bench_site": site, "bench_set": {f"{directory(arm)}/{one['name']}.conf": option for one, option in options}}


def _written(arm: str, size: int, revision: int) -> Path:
    path = CACHE / "inputs" / f"{ARMS.index(arm)}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(inputs(arm, size, revision)), encoding="utf-8")
    return path


def _pyinfra_inventory(lab: Lab) -> Path:
    fleet = lab.fleet
    data = {
        "ssh_user": "deploy",
        "ssh_key": str(fleet.directory / "id_ed25519"),
        "ssh_known_hosts_file": str(fleet.directory / "known_hosts"),
        "ssh_strict_host_key_checking": "yes",
        "ssh_allow_agent": False,
        "ssh_look_for_keys": False,
    }
    path = CACHE / "inventory" / "pyinfra_hosts.py"
    path.write_text(f"hosts = [({fleet.hosts[0].address!r}, {data!r})]\n", encoding="utf-8")
    return path


@dataclass
class Times:
    """Wall time of each round, by arm, of one size and case; and what the files were afterwards."""

    size: int
    changed: bool
    wall: dict[str, list[float]] = field(default_factory=dict)
    processor: dict[str, list[float]] = field(default_factory=dict)


class Runner:
    """Runs the arms against one host and judges that all of them do the same work."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._mitogen = commands.mitogen()
        self._pyinfra = str(commands.programs(peers=True) / "pyinfra")
        self._pyinfra_inventory = str(_pyinfra_inventory(lab))

    def arm(self, name: str, size: int, revision: int) -> Arm:
        """Return the command of an arm."""
        values = str(_written(name, size, revision))
        if name == PYINFRA:
            script = str(ROOT / "benchmarks" / "peers" / "files.py")
            return Arm(name, (self._pyinfra, "-y", "--data", f"inputs={values}", self._pyinfra_inventory, script))
        book = "set.yml" if name == OURS else "loop.yml"
        command = commands.playbook(book, self._lab.inventory, "--limit", HOST, "-e", f"@{values}", peers=True)
        return Arm(name, command, self._mitogen if name == MITOGEN else {})

    def empty(self, name: str) -> Arm:
        """Return the command that does nothing, in the manner of an arm."""
        if name == PYINFRA:
            return Arm(EMPTY[name], (self._pyinfra, "-y", self._pyinfra_inventory, str(ROOT / "benchmarks" / "peers" / "empty.py")))
        command = commands.playbook("empty.yml", self._lab.inventory, "--limit", HOST, peers=True)
        return Arm(EMPTY[name], command, self._mitogen if name == MITOGEN else {})

    def trees(self) -> dict[str, dict[str, str]]:
        """Return what each arm's directory holds."""
        return {arm: self._lab.tree(HOST, directory(arm)) for arm in ARMS}

    def clear(self) -> None:
        """Begin with empty directories."""
        self._lab.inside(HOST, ["rm", "-rf", "/etc/benchmark"])
        self._lab.inside(HOST, ["mkdir", "-p", *map(directory, ARMS)])

    def converge(self, size: int, revision: int) -> None:
        """Let each arm write its files, not measured, and prove that they are the same."""
        for name in ARMS:
            commands.run(self.arm(name, size, revision), peers=True)
        self.same(size)

    def same(self, size: int) -> None:
        """Raise BenchmarkError where the arms' files are not the same, byte for byte, with the same modes and owners."""
        trees = self.trees()
        found = {arm: digest(tree) for arm, tree in trees.items()}
        wrong = [arm for arm in ARMS if found[arm] != found[OURS] or len(trees[arm]) != size]
        if wrong:
            raise BenchmarkError(
                f"{', '.join(wrong)} wrote other files than {OURS} ({size} expected, found {[len(tree) for tree in trees.values()]}): "
                "arms that do different work cannot be compared; compare the directories below /etc/benchmark on the host (--keep)"
            )

    def round(self, times: Times, revision: int) -> None:
        """Run every arm once, the empty ones among them."""
        before = self.trees()
        for name in dict.fromkeys(EMPTY.values()):
            kind = next(arm for arm in ARMS if EMPTY[arm] == name)
            result = commands.run(self.empty(kind), peers=True)
            times.wall.setdefault(name, []).append(result.wall)
            times.processor.setdefault(name, []).append(result.processor)
        for name in ARMS:
            result = commands.run(self.arm(name, times.size, revision), peers=True)
            times.wall.setdefault(name, []).append(result.wall)
            times.processor.setdefault(name, []).append(result.processor)
        self.same(times.size)
        after = self.trees()
        expected = times.size if times.changed else 0
        written = {arm: sum(after[arm][path] != before[arm].get(path) for path in after[arm]) for arm in ARMS}
        if wrong := [f"{arm} wrote {count}" for arm, count in written.items() if count != expected]:
            raise BenchmarkError(f"{', '.join(wrong)} files in this round of {times.size}; expected {expected}: look at .cache/bench/logs")


def rounds_of(size: int, rounds: int) -> int:
    """Return how often a size is measured: a large one once, since a loop over it takes minutes."""
    return rounds if size <= MANY else 1


def measured(lab: Lab, options: Options) -> list[Times]:
    """Measure every size, unchanged and changed, the arms in turn."""
    runner, revision, found = Runner(lab), 0, []
    for size in options.sizes:
        runner.clear()
        revision += 1
        say(f"{size} files: converging")
        runner.converge(size, revision)
        for changed in (False, True):
            times = Times(size, changed)
            for number in range(rounds_of(size, options.rounds)):
                revision += changed
                runner.round(times, revision)
                told = ", ".join(f"{name} {report.number(values[-1])} s" for name, values in times.wall.items())
                say(f"{size} files {'changed' if changed else 'unchanged'}, round {number + 1}: {told}")
            found.append(times)
    return found


def table(times: Times) -> report.Table:
    """Return the table of one size and case."""
    ours_whole = times.wall[OURS]
    ours_net = report.net(ours_whole, times.wall[EMPTY[OURS]])
    rows = []
    for name in ARMS:
        whole = times.wall[name]
        alone = report.net(whole, times.wall[EMPTY[name]])
        same = name == OURS
        rows.append(
            (
                name,
                report.spread(whole, "s"),
                "1" if same else report.spread(report.ratios(whole, ours_whole), "x"),
                report.spread(alone, "s"),
                "1" if same else report.spread(report.ratios(alone, ours_net), "x"),
                report.spread(times.processor[name], "s"),
            )
        )
    for name in dict.fromkeys(EMPTY.values()):
        rows.append((name, report.spread(times.wall[name], "s"), "", "", "", report.spread(times.processor[name], "s")))
    header = ("", "whole command", "ours is faster by", "files alone", "ours is faster by", "controller's processor")
    return report.Table(f"{times.size} files, {'every one changed' if times.changed else 'unchanged'}", header, tuple(rows))


def verdicts(found: list[Times]) -> list[report.Verdict]:
    """Return the verdicts on the targets: files alone, unchanged."""
    by_size = {times.size: times for times in found if not times.changed}
    told = []
    for size, peer, limit in TARGETS:
        target = f"{size} files unchanged, files alone: at least {limit:.0f}x faster than the {peer}"
        times = by_size.get(size)
        if times is None:
            told.append(report.not_measured(target, f"--sizes without {size}"))
            continue
        ours = report.net(times.wall[OURS], times.wall[EMPTY[OURS]])
        told.append(report.at_least(target, report.ratios(report.net(times.wall[peer], times.wall[EMPTY[peer]]), ours), limit))
    return told


def run(lab: Lab, options: Options) -> report.Section:
    """Measure and return the section."""
    commands.peers()
    found = measured(lab, options)
    versions = {name: commands.version(True, name) for name in ("ansible-core", "mitogen", "pyinfra")}
    text = (
        f"One host, {options.rounds} rounds (one for more than {MANY} files), the arms in turn (A B C D A B C D …), all with ansible-core "
        f"{versions['ansible-core']} of one virtual environment, mitogen {versions['mitogen']}, pyinfra {versions['pyinfra']}. "
        "The arms of Ansible use OpenSSH with pipelining, mitogen OpenSSH for its one connection, pyinfra its own SSH library. "
        "Every run begins with no connection open and becomes root by sudo.",
        "Each file is a configuration of 33 lines from one template with a loop. Unchanged: after convergence; the benchmark "
        "proves that no file was written. Every one changed: a variable in the first line of each file differs in every round; "
        "the benchmark proves that every arm wrote every file, and after each round that the files of all arms are the same, "
        "byte for byte, with the same modes and owners.",
        "*Whole command* is from the start of the program to its end. *Files alone* is that less the median of the empty runs "
        "of the same tool (a connection and one `ansible.builtin.ping`, also under mitogen; for pyinfra one `true`): what the "
        f"files themselves cost. What is left below {report.RESOLUTION} s counts as {report.RESOLUTION} s. Median (least to "
        "most); a ratio is taken round by round. The targets are about files alone.",
    )
    warning = report.noise("the empty play", [one for times in found for one in times.wall[EMPTY[OURS]]])
    told = (*text, warning) if warning else text
    return report.Section(NAME, "Sets of files", told, tuple(map(table, found)), tuple(verdicts(found)))
