#!/usr/bin/env python3
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the collection's artifact, install it elsewhere and run `ansible-test sanity` on what a user would get."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = Path(sys.executable).parent
CACHE = ROOT / ".cache" / "sanity"
PLACE = Path("ansible_collections/groundwork/fleet")

# ansible-test makes a virtual environment per test and fetches a script to put pip into it, from a place that
# answers only with the internet. It takes the script from its cache where there is one: ours uses Python's own copy of pip.
BOOTSTRAP = "import ensurepip\n\nensurepip.bootstrap()\n"


def program(name: str) -> str:
    """Return the program beside the running Python, so that no activated environment is needed."""
    return str(PROGRAMS / name)


def build(target: Path, root: Path = ROOT) -> Path:
    """Build the artifact into the directory `target` and return its path."""
    subprocess.run(
        [program("ansible-galaxy"), "collection", "build", "--force", "--output-path", str(target), str(root)],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=target,
    )
    return next(target.glob("groundwork-fleet-*.tar.gz"))


def install(artifact: Path, target: Path) -> Path:
    """Install the artifact below `target`, without a network, and return the collection's directory."""
    environment = os.environ | {"ANSIBLE_COLLECTIONS_PATH": str(target)}
    command = [program("ansible-galaxy"), "collection", "install", "--offline", "--no-deps", "-p", str(target), str(artifact)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment, cwd=target)
    return target / PLACE


def seed_bootstrap(home: Path) -> None:
    """Put our bootstrap script where ansible-test would cache the one that it fetches."""
    spec = find_spec("ansible_test")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("ansible-test is not installed beside %s. Run `./run` once: it makes the virtual environment." % sys.executable)
    source = Path(next(iter(spec.submodule_search_locations)), "_internal", "python_requirements.py").read_text(encoding="utf-8")
    for version in set(re.findall(r"pip=['\"]([0-9.]+)['\"]", source)):
        script = home / ".ansible" / "test" / "cache" / ("get_pip_%s.py" % version.replace(".", "_"))
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text(BOOTSTRAP, encoding="utf-8")


def other_pythons() -> list[str]:
    """Return the directories of further Pythons that pyenv keeps: host code is compiled and imported with each."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    return sorted(str(path / "bin") for path in versions.glob("3.*") if path.is_dir())


def environment() -> dict[str, str]:
    """Return the environment of ansible-test: its own home below .cache, every Python on the path."""
    home = CACHE / "home"
    seed_bootstrap(home)
    path = os.pathsep.join([str(PROGRAMS), os.environ.get("PATH", os.defpath), *other_pythons()])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    return kept | {"HOME": str(home), "PATH": path, "PIP_NO_INPUT": "1", "PIP_QUIET": "1"}


def run(command: list[str], collection: Path) -> tuple[int, str]:
    """Run ansible-test, show what it prints at once and return it with the exit code."""
    told = []
    with subprocess.Popen(
        command, cwd=collection, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            told.append(line)
    return process.returncode, "".join(told)


def junit(code: int, output: str) -> ElementTree.ElementTree[ElementTree.Element]:
    """Return what ansible-test said in the form that CI servers read: one case for each test, and for each Python it ran on."""
    blocks: dict[str, list[str]] = {}
    skipped = []
    lines = blocks.setdefault("ansible-test", [])  # what belongs to no test: it starts, or it breaks off
    for line in output.splitlines():
        begins = re.match(r'(Running|WARNING: Skipping) sanity test "([^"]+)"(?: on Python ([0-9.]+))?', line)
        if begins:
            name = " ".join(filter(None, begins.groups()[1:]))
            if begins[1] != "Running":
                skipped.append(name)
            lines = blocks.setdefault(name, [])
        elif line.startswith("FATAL: "):
            lines = blocks["ansible-test"]
        lines.append(line)
    failures = {name: [line for line in lines if line.startswith("ERROR: ")] for name, lines in blocks.items() if name != "ansible-test"}
    # A code that no test explains is a failure of ansible-test itself.
    failures["ansible-test"] = blocks["ansible-test"] if code and not any(failures.values()) else []
    counts = {"tests": len(failures), "failures": sum(map(bool, failures.values())), "skipped": len(set(skipped))}
    suite = ElementTree.Element("testsuite", {"name": "sanity", **{name: str(count) for name, count in counts.items()}})
    for name, errors in failures.items():
        case = ElementTree.SubElement(suite, "testcase", classname="sanity", name=name)
        if errors:
            ElementTree.SubElement(case, "failure", message=errors[0]).text = "\n".join(errors)
        elif name in skipped:
            ElementTree.SubElement(case, "skipped", message="this Python is not installed")
    return ElementTree.ElementTree(suite)


def main() -> int:
    """Run the sanity tests."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--test", action="append", default=[], help="only this test; may be given more than once")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="also write the results as JUnit XML")
    arguments = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="groundwork-sanity-") as directory:
        there = Path(directory)
        collection = install(build(there), there)
        chosen = [word for name in arguments.test for word in ("--test", name)]
        command = [program("ansible-test"), "sanity", "--color", "no", *chosen]
        code, output = run(command, collection)
    if arguments.junit:
        arguments.junit.parent.mkdir(parents=True, exist_ok=True)
        junit(code, output).write(arguments.junit, encoding="utf-8", xml_declaration=True)
    print("sanity: %s in %.1f s" % ("failed" if code else "passed", time.monotonic() - begun))
    return 1 if code else 0


if __name__ == "__main__":
    sys.exit(main())
