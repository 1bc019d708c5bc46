# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`./run molecule [--platforms A,B] [ROLE…]`: Molecule scenarios, at most two at once on the machine, their output in .cache/molecule/."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lab import images
from lab.console import nearest

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / ".cache" / "molecule"
SLOTS = 2
CONFIG = ROOT / ".config" / "molecule" / "config.yml"
#: The variables by which .config/molecule/config.yml takes other platforms than Debian's.
VARIABLES = ("GROUNDWORK_PLATFORM_1", "GROUNDWORK_PLATFORM_2")


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


class Unknown(ValueError):
    """What was asked for and does not exist, in one line."""


def own_hosts(scenario: str) -> bool:
    """Tell whether a scenario has hosts of its own, which no choice of platforms changes."""
    return "platforms" in (yaml.safe_load((ROOT / "molecule" / scenario / "molecule.yml").read_text(encoding="utf-8")) or {})


def chosen_platforms(text: str) -> tuple[str, ...]:
    """Return the one or two platforms of a list such as `ubuntu-22.04,ubuntu-24.04`. Raises Unknown, naming the nearest."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    for name in names:
        if name not in images.platforms():
            raise Unknown(f"{name!r} is no platform; {nearest(name, images.platforms())}")
    if not 1 <= len(names) <= len(VARIABLES):
        raise Unknown(f"--platforms is {text!r}; expected one or two of {', '.join(images.platforms())}, separated by a comma")
    return names


def chosen_scenarios(asked: Sequence[str], platforms: Sequence[str]) -> list[str]:
    """Return the scenarios to run, by default all that the platforms make a difference to. Raises Unknown, naming the nearest."""
    known = scenarios()
    for name in asked:
        if name not in known:
            raise Unknown(f"{name!r} is no scenario; {nearest(name, known)}")
        if platforms and own_hosts(name):
            raise Unknown(f"the scenario {name!r} has hosts of its own, so it takes no --platforms; leave one of the two out")
    return list(asked) or [name for name in known if not platforms or not own_hosts(name)]


def shortened(config: dict[str, Any]) -> dict[str, Any]:
    """Return Molecule's configuration with its first host only."""
    return {**config, "platforms": config["platforms"][:1]}


def on_platforms(platforms: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Return what Molecule is told of the platforms: variables of its environment and arguments; nothing of each without platforms."""
    if not platforms:
        return {}, []
    variables = dict(zip(VARIABLES, (platforms[0], platforms[-1]), strict=True))
    if len(platforms) > 1:
        return variables, []
    path = LOGS / "one-platform.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(shortened(yaml.safe_load(CONFIG.read_text(encoding="utf-8")))), encoding="utf-8")
    return variables, ["--base-config", str(path)]


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


def run(scenario: str, command: str = "test", shown: bool = False, platforms: Sequence[str] = ()) -> Outcome:
    """Run one scenario and keep its output in a file; `shown` prints it too. platforms: of its hosts, none for the usual ones."""
    log = LOGS / f"{scenario}.log"
    with slot():
        began = time.monotonic()
        variables, options = on_platforms(platforms)
        environment = {**os.environ, **variables, "ANSIBLE_FORCE_COLOR": "0", "NO_COLOR": "1", "PY_COLORS": "0"}
        arguments = ["molecule", *options, command, "--scenario-name", scenario]
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


def run_all(names: Sequence[str], command: str = "test", platforms: Sequence[str] = ()) -> Iterator[Outcome]:
    """Run scenarios side by side and yield each as it ends."""
    from concurrent.futures import as_completed

    with ThreadPoolExecutor(SLOTS) as pool:
        for future in as_completed([pool.submit(run, name, command, platforms=platforms) for name in names]):
            yield future.result()


def reported(outcome: Outcome) -> str:
    """Return the line under which an outcome is told; a failure carries the end of its output."""
    line = f"{'passed' if outcome.passed else 'FAILED'}  molecule {outcome.scenario} ({outcome.seconds:.0f} s)"
    if outcome.passed:
        return line
    tail = outcome.log.read_text(encoding="utf-8", errors="replace").splitlines()[-60:]
    return "\n".join([line, *(f"    {text}" for text in tail)])


def causes(outcome: Outcome) -> list[str]:
    """Return what failed in a scenario: each task that was fatal, with what Ansible said of it; nothing where it passed."""
    if outcome.passed:
        return []
    text = outcome.log.read_text(encoding="utf-8", errors="replace")
    said = re.findall(r"^(?:fatal|failed): .*(?:\n[ \t]+.*)*", text, re.MULTILINE)
    return said[-4:] or [" ".join(text.splitlines()[-20:])]


def main() -> int:
    """Run the scenarios that were asked for and return the exit code."""
    parser = argparse.ArgumentParser(prog="./run molecule", description=__doc__)
    parser.add_argument("scenario", nargs="*", help="default: all of them")
    parser.add_argument("--command", default="test", help="Molecule's command (default: test)")
    parser.add_argument(
        "--platforms", default="", metavar="A[,B]", help=f"one or two of {', '.join(images.platforms())} (default: the two of Debian)"
    )
    arguments = parser.parse_args()
    try:
        platforms = chosen_platforms(arguments.platforms) if arguments.platforms else ()
        names = chosen_scenarios(arguments.scenario, platforms)
    except Unknown as error:
        sys.stderr.write(f"molecule: {error}\n")
        return 2
    if len(names) == 1:
        return 0 if run(names[0], arguments.command, shown=True, platforms=platforms).passed else 1
    failed = 0
    for outcome in run_all(names, arguments.command, platforms):
        sys.stdout.write(reported(outcome) + "\n")
        sys.stdout.flush()
        failed += not outcome.passed
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
