# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands that are measured, their environment, and the judgement whether a run did what it should have done."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import measure
from benchmarks.fleet import CACHE
from lab.console import ROOT, LabError, call, say

PLAYBOOKS = ROOT / "benchmarks" / "playbooks"
REQUIREMENTS = ROOT / "benchmarks" / "requirements.txt"
RECAP = re.compile(r"^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class BenchmarkError(LabError):
    """Why a figure would be worthless, and what to do about it."""


@dataclass(frozen=True)
class Recap:
    """What ansible-playbook says of all hosts together at the end."""

    hosts: int
    ok: int
    changed: int
    failed: int


def recap(output: str) -> Recap:
    """Return the sums of PLAY RECAP; zeros where there is none."""
    found = [tuple(map(int, one.groups()[1:])) for one in RECAP.finditer(COLOUR.sub("", output))]
    ok, changed, unreachable, failed = (sum(column) for column in zip(*found, strict=True)) if found else (0, 0, 0, 0)
    return Recap(len(found), ok, changed, unreachable + failed)


@dataclass(frozen=True)
class Arm:
    """One of the commands that are compared."""

    name: str
    command: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)


def programs(peers: bool) -> Path:
    """Return the folder of programs: that of the peers' environment, or that of this one."""
    return CACHE / "venv" / "bin" if peers else Path(sys.executable).parent


def peers() -> None:
    """Make the virtual environment of the peers where it is missing or of other requirements."""
    stamp = CACHE / "venv" / f".{hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:16]}"
    if stamp.exists():
        return
    say("installing mitogen and pyinfra into .cache/bench/venv (once, under a minute)")
    call([sys.executable, "-m", "venv", "--clear", str(CACHE / "venv")], "python -m venv")
    call([str(CACHE / "venv" / "bin" / "pip"), "install", "--quiet", "-r", str(REQUIREMENTS)], "pip install of benchmarks/requirements.txt")
    stamp.touch()


def mitogen() -> dict[str, str]:
    """Return the variables that put ansible-playbook of the peers' environment under mitogen."""
    question = "import ansible_mitogen; print(list(ansible_mitogen.__path__)[0])"
    folder = call([str(programs(peers=True) / "python"), "-c", question], "finding mitogen in .cache/bench/venv").strip()
    return {"ANSIBLE_STRATEGY": "mitogen_linear", "ANSIBLE_STRATEGY_PLUGINS": f"{folder}/plugins/strategy"}


def environment(peers: bool, extra: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a measured command: the clone's settings, nothing of the caller's own ansible."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "VIRTUAL_ENV", "SSH_AUTH_SOCK"):
        inherited.pop(name, None)
    return {
        **inherited,
        "PATH": f"{programs(peers)}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "collections"),
        "ANSIBLE_NOCOLOR": "1",
        "NO_COLOR": "1",
        **extra,
    }


@contextlib.contextmanager
def _sockets() -> Iterator[str]:
    """Give a folder for the sockets of SSH connections; its path is short because a socket's path may not be long."""
    with tempfile.TemporaryDirectory(prefix="gwb-") as folder:
        yield folder


def run(arm: Arm, peers: bool, memory: bool = False) -> measure.Measured:
    """Run one arm with no SSH connection open and keep its output. Raises BenchmarkError where it fails."""
    with _sockets() as folder:
        extra = {"ANSIBLE_SSH_CONTROL_PATH_DIR": folder, **arm.variables}
        result = measure.run(arm.command, environment(peers, extra), CACHE, memory)
    log = CACHE / "logs" / f"{re.sub(r'[^a-z0-9]+', '-', arm.name.lower()).strip('-')}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(result.output, encoding="utf-8")
    if result.code != 0:
        lines = result.output.strip().splitlines()[-3:] or ["no output"]
        raise BenchmarkError(f"{arm.name} ended with {result.code}: {' / '.join(lines)} (all of it in {log.relative_to(ROOT)})")
    return result


def unchanged(arm: Arm, result: measure.Measured) -> None:
    """Raise BenchmarkError where a run of ansible-playbook that was to change nothing changed something."""
    told = recap(result.output)
    if told.hosts == 0 or told.changed or told.failed:
        tasks = changed_tasks(result.output)
        raise BenchmarkError(
            f"{arm.name}: {told.hosts} hosts, {told.changed} changes, {told.failed} failures; expected a run without a change"
            + (f", but these tasks changed something: {', '.join(tasks)}" if tasks else "")
            + ". Mend the role: what changes in each run cannot be compared."
        )


def changed_tasks(output: str) -> list[str]:
    """Return the names of the tasks that changed something."""
    task, found = "", []
    for line in COLOUR.sub("", output).splitlines():
        if line.startswith("TASK ["):
            task = line[6:].rpartition("]")[0]
        elif line.startswith("changed: [") and task not in found:
            found.append(task)
    return found


def playbook(name: str, inventory: Path, *arguments: str, peers: bool = False) -> tuple[str, ...]:
    """Return the command that plays a playbook of the benchmarks, or of the clone by its path."""
    path = PLAYBOOKS / name if (PLAYBOOKS / name).exists() else ROOT / name
    return (str(programs(peers) / "ansible-playbook"), str(path), "-i", str(inventory), *arguments)


def version(peers: bool, program: str) -> str:
    """Return the version that a program of one of the environments says."""
    python = str(programs(peers) / "python")
    question = f"import importlib.metadata; print(importlib.metadata.version({program!r}))"
    return subprocess.run([python, "-c", question], capture_output=True, text=True, check=False).stdout.strip() or "unknown"
