# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`./run bench [SUITE …]`: measure side by side, print ratios; --write: into docs/performance.md."""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from types import FrameType, ModuleType

from benchmarks import commands, exporters, files, health, hosts, logs, report, roles, secrets, services
from benchmarks.fleet import CACHE, fleet_of, remove, running
from benchmarks.suite import Options
from lab import engine
from lab.console import ROOT, LabError, say

SUITES: dict[str, ModuleType] = {module.NAME: module for module in (files, roles, services, exporters, hosts, health, secrets, logs)}
PAGE = ROOT / "docs" / "performance.md"
RESULTS = CACHE / "results"
QUICK = Options(rounds=1, sizes=(20,), hosts=(1, 2), lines=100_000)


def whole_numbers(text: str) -> tuple[int, ...]:
    """Return the numbers of a list such as 20,100. Raises ArgumentTypeError for anything else."""
    try:
        found = tuple(int(one) for one in text.split(","))
    except ValueError:
        found = ()
    if not found or min(found) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: expected whole numbers from 1 on, such as 20,100,500")
    return found


def folder(text: str) -> Path:
    """Return the folder of a collection's source. Raises ArgumentTypeError where it is none."""
    path = Path(text).resolve()
    if not (path / "roles").is_dir():
        raise argparse.ArgumentTypeError(f"{text!r}: expected the folder of a collection's source (it holds galaxy.yml and roles/)")
    return path


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    told = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    told.add_argument("suite", nargs="*", help=f"which of {', '.join(SUITES)} (default: all)")
    told.add_argument("--rounds", type=int, default=3, help="how often each arm is run, in turn (default: 3)")
    told.add_argument("--sizes", type=whole_numbers, default=(20, 100, 500), help="files: how many (default: 20,100,500)")
    told.add_argument("--hosts", type=whole_numbers, default=(1, 5, 20), help="hosts: how many (default: 1,5,20)")
    told.add_argument("--lines", type=int, default=3_000_000, help="logs: how many in each round (default: 3000000)")
    told.add_argument("--quick", action="store_true", help="one round at 20 files: does it work at all")
    told.add_argument("--devsec", type=folder, metavar="PATH", help="roles: the source of the collection devsec.hardening")
    told.add_argument(
        "--prometheus",
        type=folder,
        metavar="PATH",
        help="roles, exporters: the source of the collection prometheus.prometheus; its file OBTAINED, if any, says how it came here",
    )
    told.add_argument("--peer-variables", type=Path, metavar="FILE", help="roles, exporters: variables of the peers' roles (YAML)")
    told.add_argument("--write", action="store_true", help="write docs/performance.md from these and the last results of other suites")
    told.add_argument("--keep", action="store_true", help="leave the fleet up for the next run; --down takes it away")
    told.add_argument("--down", action="store_true", help="only take the fleet away")
    return told


def memory_gigabytes() -> int:
    """Return how much memory this machine has."""
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def introduction() -> tuple[str, ...]:
    """Return what stands above the tables: how it was measured and on what."""
    cores = len(os.sched_getaffinity(0))
    return (
        "Written by `./run bench --write`; do not edit. What counts are the ratios: they are taken within one run, on one "
        "machine, with the arms in turn. Seconds are those of the machine below and of whatever else it did at the time.",
        f"- machine: {cores} processors ({platform.machine()}), {memory_gigabytes()} GiB of memory; controller and hosts share it",
        f"- controller: Python {platform.python_version()}, ansible-core {commands.version(False, 'ansible-core')}; hosts: "
        "systemd containers of Debian 13 over SSH with pipelining",
        "- again: `./run bench` prints it (add `--write` for this page); `./run bench files --sizes 20,100` is one part of it, "
        "`./run bench --quick` shows in a minute that it works",
    )


def saved(section: report.Section) -> report.Section:
    """Keep a section for a later --write and return it with its time."""
    dated = replace(section, taken=time.strftime("%Y-%m-%d"))
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{section.name}.json").write_text(json.dumps(asdict(dated), indent=1), encoding="utf-8")
    return dated


def loaded(name: str) -> report.Section | None:
    """Return the section of a suite's last run, None where there is none."""
    path = RESULTS / f"{name}.json"
    if not path.exists():
        return None
    return report.section_of(json.loads(path.read_text(encoding="utf-8")))


def write() -> None:
    """Write the page from the last results of every suite."""
    sections = {name: loaded(name) for name in SUITES}
    found = [section for section in sections.values() if section is not None]
    PAGE.write_text(report.page(found, introduction(), [name for name, section in sections.items() if section is None]), encoding="utf-8")
    say(f"wrote {PAGE.relative_to(ROOT)}")


def measure(names: list[str], options: Options, keep: bool) -> list[report.Section]:
    """Bring the fleet up, run the suites and take it away."""
    sections = []
    with running(max(SUITES[name].hosts_needed(options) for name in names), keep) as lab:
        for name in names:
            section = saved(SUITES[name].run(lab, options))
            sys.stdout.write(f"\n{report.section(section)}\n\n")
            sys.stdout.flush()
            sections.append(section)
    return sections


def _ended(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Run what was asked for and return the exit code: 1 where a suite could not run or a target is missed (but not by "
    "--quick)."""
    told = parser()
    arguments = told.parse_args()
    unknown = sorted(set(arguments.suite) - set(SUITES))
    if unknown:
        told.error(f"{unknown[0]!r} is no suite; expected some of {', '.join(SUITES)}")
    if arguments.rounds < 1:
        told.error(f"--rounds {arguments.rounds}: expected at least 1")
    if arguments.lines < 1000:
        told.error(f"--lines {arguments.lines}: expected at least 1000")
    peers = {"devsec": arguments.devsec, "prometheus": arguments.prometheus, "peer_variables": arguments.peer_variables}
    options = (
        replace(QUICK, **peers)
        if arguments.quick
        else Options(arguments.rounds, arguments.sizes, arguments.hosts, arguments.lines, **peers)
    )
    names = [name for name in SUITES if name in arguments.suite] or ([files.NAME] if arguments.quick else list(SUITES))
    signal.signal(signal.SIGTERM, _ended)
    try:
        if arguments.down:
            remove(engine.ready(), fleet_of(max(options.hosts)))
            return 0
        sections = measure(names, options, arguments.keep)
        if arguments.write:
            write()
    except LabError as error:
        sys.stderr.write(f"bench: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write(f"bench: interrupted; the fleet is {'still up: ./run bench --down' if arguments.keep else 'taken away'}\n")
        return 130
    missed = [verdict for section in sections for verdict in section.verdicts if verdict.met is False]
    for verdict in missed:
        sys.stderr.write(f"bench: missed: {verdict.target}; measured {verdict.figure}\n")
    return 1 if missed and not arguments.quick else 0


if __name__ == "__main__":
    sys.exit(main())
