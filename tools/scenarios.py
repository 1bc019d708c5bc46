# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`./run molecule [ROLE…]`: Molecule scenarios, at most two at once on the machine, their output in .cache/molecule/."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / ".cache" / "molecule"
SLOTS = 2


@dataclass(frozen=True)
class Outcome:
    """How one scenario ended: wall time in seconds, and the file with its output."""

    scenario: str
    passed: bool
    seconds: float
    log: Path


def scenarios() -> list[str]:
    """Return the names of all scenarios, the longest first: the whole fleet."""
    names = sorted(path.parent.name for path in (ROOT / "molecule").glob("*/molecule.yml"))
    return sorted(names, key=lambda name: name != "default")


@contextlib.contextmanager
def slot() -> Iterator[None]:
    """Wait for one of the machine's slots for container suites."""
    LOGS.mkdir(parents=True, exist_ok=True)
    while True:
        for number in range(SLOTS):
            stream = (LOGS / f"slot-{number}.lock").open("w")
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                stream.close()
                continue
            try:
                yield
            finally:
                stream.close()
            return
        time.sleep(0.5)


def run(scenario: str, command: str = "test", shown: bool = False) -> Outcome:
    """Run one scenario and keep its output in a file; `shown` prints it too."""
    log = LOGS / f"{scenario}.log"
    with slot():
        began = time.monotonic()
        environment = {**os.environ, "ANSIBLE_FORCE_COLOR": "0", "NO_COLOR": "1", "PY_COLORS": "0"}
        arguments = ["molecule", command, "--scenario-name", scenario]
        if shown:
            tee = subprocess.Popen(["tee", str(log)], stdin=subprocess.PIPE)
            code = subprocess.run(arguments, cwd=ROOT, env=environment, stdout=tee.stdin, stderr=subprocess.STDOUT, check=False).returncode
            tee.communicate()
        else:
            with log.open("w", encoding="utf-8") as stream:
                code = subprocess.run(
                    arguments, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT, check=False
                ).returncode
    return Outcome(scenario, code == 0, time.monotonic() - began, log)


def run_all(names: Sequence[str]) -> Iterator[Outcome]:
    """Run scenarios side by side and yield each as it ends."""
    from concurrent.futures import as_completed

    with ThreadPoolExecutor(SLOTS) as pool:
        for future in as_completed([pool.submit(run, name) for name in names]):
            yield future.result()


def reported(outcome: Outcome) -> str:
    """Return the line under which an outcome is told; a failure carries the end of its output."""
    line = f"{'passed' if outcome.passed else 'FAILED'}  molecule {outcome.scenario} ({outcome.seconds:.0f} s)"
    if outcome.passed:
        return line
    tail = outcome.log.read_text(encoding="utf-8", errors="replace").splitlines()[-60:]
    return "\n".join([line, *(f"    {text}" for text in tail)])


def main() -> int:
    """Run the scenarios that were asked for and return the exit code."""
    parser = argparse.ArgumentParser(prog="./run molecule", description=__doc__)
    parser.add_argument("scenario", nargs="*", help="default: all of them")
    parser.add_argument("--command", default="test", help="Molecule's command (default: test)")
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.scenario) - set(scenarios()))
    if unknown:
        sys.stderr.write(f"molecule: {unknown[0]!r} is no scenario; known: {', '.join(scenarios())}\n")
        return 2
    if len(arguments.scenario) == 1:
        return 0 if run(arguments.scenario[0], arguments.command, shown=True).passed else 1
    failed = 0
    for outcome in run_all(arguments.scenario or scenarios()):
        sys.stdout.write(reported(outcome) + "\n")
        sys.stdout.flush()
        failed += not outcome.passed
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
