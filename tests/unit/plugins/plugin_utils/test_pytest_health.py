# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fixture `health`, in a suite of its own and with a host as testinfra has it."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import pytest_health

ROOT = Path(__file__).resolve().parents[4]
WELL = {"passwd": {"file": {"path": "/etc/passwd"}}}
ILL = {**WELL, "nowhere": {"file": {"path": "/nowhere"}}}


def test_checks_here() -> None:
    found = pytest_health.here(WELL, "10s")
    assert found and found["passwd"]["status"] == "ok"
    assert repr(found) == "1 check passed"


def test_a_failure_is_false_and_says_why() -> None:
    found = pytest_health.here(ILL, "10s")
    assert not found
    assert repr(found).startswith("1 of 2 checks failed:\n- nowhere: file path=/nowhere: expected exists true, observed false")


def test_nothing_checked_is_not_healthy() -> None:
    assert not pytest_health.Health({})
    assert repr(pytest_health.Health({})) == "no checks were given"


def test_a_host_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pytest_health, "INTERPRETER", sys.executable)
    asked: list[str] = []

    def run(command: str) -> Any:
        asked.append(command)
        done = subprocess.run([sys.executable, *shlex.split(command)[1:]], capture_output=True, text=True, check=False)
        return SimpleNamespace(rc=done.returncode, stdout=done.stdout, stderr=done.stderr)

    assert not pytest_health.on_host(SimpleNamespace(run=run), ILL, "10s")
    assert len(asked) == 1
    assert all(len(word) <= pytest_health.LONGEST for word in shlex.split(asked[0]))


def test_without_a_host_it_runs_here() -> None:
    assert pytest_health.runner()(WELL, timeout="10s")


def test_what_cannot_run_is_told() -> None:
    with pytest.raises(AssertionError, match=r"could not run \(exit status 127\): no python3"):
        pytest_health.read(127, "", "no python3")
    with pytest.raises(BadInput, match="Did you mean 'file'"):
        pytest_health.here({"x": {"flie": {"path": "/"}}}, "10s")


def test_one_line_of_a_conftest_is_enough(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text(f"[pytest]\npythonpath = {ROOT / 'collections'}\n")
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["ansible_collections.groundwork.fleet.plugins.plugin_utils.pytest_health"]\n')
    (tmp_path / "test_it.py").write_text(
        f"def test_well(health):\n    assert health({WELL!r})\n\ndef test_ill(health):\n    assert health({ILL!r})\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "1 failed, 1 passed" in done.stdout
    assert "expected exists true, observed false" in done.stdout
