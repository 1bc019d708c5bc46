#!/usr/bin/env python3
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run every linter as a named step, two at a time, and say which failed, why and how long each took."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = Path(sys.executable).parent
PLUGINS = "ansible_collections.groundwork.fleet.plugins"


@dataclass(frozen=True)
class Step:
    """One linter."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    """What a linter said."""

    step: Step
    code: int
    seconds: float
    output: str


def steps() -> list[Step]:
    """Return the linters, the slowest first, so that two workers end at about the same time."""
    programs = [name for name in ("lab", "tools", "benchmarks") if any((ROOT / name).glob("*.py"))]
    typed = ["-p", PLUGINS] + [word for name in programs for word in ("-p", name)]
    return [
        Step("ansible-lint", ("ansible-lint", "--offline", "--nocolor", "-q")),
        Step("mypy", ("mypy", "--no-color-output", "--no-error-summary", *typed)),
        Step("yamllint", ("yamllint", "--strict", "--format", "parsable", ".")),
        Step("changelog", ("antsibull-changelog", "lint")),
        Step("readme tables", (sys.executable, "tools/role_readme.py", "--check")),
        Step("check types", (sys.executable, "-m", "tools.check_types", "--check")),
        Step("service catalogue", (sys.executable, "-m", "tools.service_catalogue", "--check")),
        Step("secret backends", (sys.executable, "-m", "tools.secret_backends", "--check")),
        Step("exporters", (sys.executable, "-m", "tools.exporters", "--check")),
        Step("ruff", ("ruff", "check", "--quiet", "--output-format", "concise", ".")),
        Step("ruff format", ("ruff", "format", "--quiet", "--diff", ".")),
    ]


def environment() -> dict[str, str]:
    """Return the environment of every linter: this clone's programs and collection, caches below .cache."""
    return os.environ | {
        "PATH": "%s%s%s" % (PROGRAMS, os.pathsep, os.environ.get("PATH", os.defpath)),
        "MYPYPATH": "collections",
        "RUFF_CACHE_DIR": str(ROOT / ".cache" / "ruff"),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "collections"),
        "NO_COLOR": "1",
        "PYTHONWARNINGS": "ignore",  # ansible warns about each YAML merge key that overrides
    }


def run(step: Step) -> Result:
    """Run one linter."""
    begun = time.monotonic()
    try:
        done = subprocess.run(step.command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
        code, output = done.returncode, done.stdout + done.stderr
    except FileNotFoundError:
        place = "%s is not installed beside %s." % (step.command[0], sys.executable)
        code, output = 127, "%s Run `./run` once: it makes the virtual environment." % place
    return Result(step, code, time.monotonic() - begun, output.strip())


def junit(results: Sequence[Result]) -> ElementTree.ElementTree[ElementTree.Element]:
    """Return the results in the form that CI servers read."""
    failed = sum(result.code != 0 for result in results)
    suite = ElementTree.Element("testsuite", name="lint", tests=str(len(results)), failures=str(failed))
    for result in results:
        case = ElementTree.SubElement(suite, "testcase", classname="lint", name=result.step.name, time="%.2f" % result.seconds)
        if result.code:
            ElementTree.SubElement(case, "failure", message="exit code %d" % result.code).text = result.output
    return ElementTree.ElementTree(suite)


def main() -> int:
    """Run the steps, all or the named ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--junit", type=Path, metavar="FILE", help="also write the results as JUnit XML")
    parser.add_argument("step", nargs="*", help="only these steps: %s" % ", ".join(step.name for step in steps()))
    arguments = parser.parse_args()
    unknown = set(arguments.step) - {step.name for step in steps()}
    if unknown:
        parser.error("unknown step %s" % ", ".join(sorted(unknown)))
    wanted = [step for step in steps() if not arguments.step or step.name in arguments.step]
    begun = time.monotonic()
    results = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for future in as_completed([pool.submit(run, step) for step in wanted]):
            result = future.result()
            results.append(result)
            print("%s  %-14s %6.1f s" % ("FAIL" if result.code else "ok  ", result.step.name, result.seconds), flush=True)
            if result.code:
                print("      " + (result.output or "exit code %d" % result.code).replace("\n", "\n      "), flush=True)
    failed = sorted(result.step.name for result in results if result.code)
    print("lint: %s in %.1f s" % ("failed: " + ", ".join(failed) if failed else "%d steps passed" % len(results), time.monotonic() - begun))
    if arguments.junit:
        arguments.junit.parent.mkdir(parents=True, exist_ok=True)
        junit(results).write(arguments.junit, encoding="utf-8", xml_declaration=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
