# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plugin of pytest: suites of testinfra assert health in the words of our checks.

One line in conftest.py brings the fixture `health`:

    pytest_plugins = ["ansible_collections.groundwork.fleet.plugins.plugin_utils.pytest_health"]

    def test_the_shop(health): assert health({"page": {"http": {"url": "http://127.0.0.1/", "contains": "welcome"}}})

pytest has to find `ansible_collections`: its setting `pythonpath`, or PYTHONPATH, names the folder that holds it.
All checks of a call run in one round trip, on the host of testinfra (whatever its connection), and here where testinfra is not installed.
A host needs Python 3.9 and nothing else.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import shlex
import subprocess
import sys
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import health_result
from ansible_collections.groundwork.fleet.plugins.plugin_utils import health_program

HAS_PYTEST = importlib.util.find_spec("pytest") is not None
HAS_TESTINFRA = importlib.util.find_spec("testinfra") is not None
INTERPRETER = "/usr/bin/python3"
LONGEST = 100_000  # characters of one argument of a command, below the kernel's limit
#: Puts a program and its declaration into a folder of its own, runs it and takes the folder away.
RUNNER = """
import base64, json, os, shutil, subprocess, sys, tempfile, zlib
folder = tempfile.mkdtemp()
try:
    for name, text in json.loads(zlib.decompress(base64.b64decode("".join(sys.argv[1:])))).items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as stream:
            stream.write(text)
    program, declaration = (os.path.join(folder, name) for name in ("program", "declaration"))
    sys.exit(subprocess.run([sys.executable, "-IS", program, "--declaration", declaration, "--format", "json"]).returncode)
finally:
    shutil.rmtree(folder)
"""


class Health:
    """What a call of the fixture found: true where no check failed. As a text it is the message of the failures."""

    def __init__(self, results: Mapping[str, Mapping[str, Any]]) -> None:
        """Keep the results by name."""
        self.results = results

    def __bool__(self) -> bool:
        return bool(self.results) and health_result.overall(self.results) != "failed"

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        return self.results[name]

    def __repr__(self) -> str:
        return health_result.report(self.results) or health_result.summary(self.results)


def command_for(checks: object, timeout: str, interpreter: str = INTERPRETER) -> list[str]:
    """Return the command that runs checks on a host and prints their report. Raises BadInput for wrong checks."""
    program = health_program.host_program(health_program.types_used(checks), cache="/nonexistent")
    declaration = json.dumps({"timeout": timeout, "checks": checks})
    packed = base64.b64encode(zlib.compress(json.dumps({"program": program, "declaration": declaration}).encode(), 9)).decode()
    return [interpreter, "-IS", "-c", RUNNER, *(packed[start : start + LONGEST] for start in range(0, len(packed), LONGEST))]


def read(code: int, output: str, errors: str) -> Health:
    """Return what the command found. Raises AssertionError where it could not run."""
    if code not in (0, 1, 2):
        raise AssertionError(f"the checks could not run (exit status {code}): {(errors or output).strip()[-500:]}")
    return Health(json.loads(output)["checks"])


def on_host(host: Any, checks: object, timeout: str) -> Health:
    """Run checks on a host of testinfra."""
    done = host.run(" ".join(map(shlex.quote, command_for(checks, timeout))))
    return read(done.rc, done.stdout, done.stderr)


def here(checks: object, timeout: str) -> Health:
    """Run checks on this machine."""
    done = subprocess.run(command_for(checks, timeout, sys.executable), capture_output=True, text=True, check=False)
    return read(done.returncode, done.stdout, done.stderr)


def runner(host: Any = None) -> Callable[..., Health]:
    """Return what runs checks on a host of testinfra, or here where there is none."""

    def run(checks: Mapping[str, Any], timeout: str = "60s") -> Health:
        return here(checks, timeout) if host is None else on_host(host, checks, timeout)

    return run


if HAS_PYTEST:  # ansible-test imports every file without it
    import pytest

    if HAS_TESTINFRA:

        @pytest.fixture
        def health(host: Any) -> Callable[..., Health]:
            """Return what runs checks on the host: `health(checks, timeout="60s")`; its answer is true where no check failed."""
            return runner(host)

    else:

        @pytest.fixture
        def health() -> Callable[..., Health]:
            """Return what runs checks here: `health(checks, timeout="60s")`; its answer is true where no check failed."""
            return runner()
