# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step on its own: it takes the sources that the action plugin sends, runs the checks and reports."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import checks as registry
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import health_check

SOURCES = {"file": (Path(registry.__file__).parent / "file.py").read_text()}


@pytest.fixture
def run(run_step):
    return lambda **options: run_step(health_check, sources=SOURCES, **options)


CHECKS = {"good": {"file": {"path": "/"}}, "bad": {"file": {"path": "/nowhere"}}}


def test_a_failed_check_fails_the_task(run) -> None:
    answer = run(checks=CHECKS)
    assert answer["failed"] is True
    assert answer["failed_checks"] == ["bad"]
    assert answer["msg"].startswith("1 of 2 checks failed:\n- bad: file path=/nowhere: expected exists true, observed false")


def test_or_is_only_reported(run) -> None:
    answer = run(checks=CHECKS, fail=False)
    assert not answer.get("failed")
    assert answer["changed"] is False
    assert {name: result["status"] for name, result in answer["checks"].items()} == {"good": "ok", "bad": "failed"}


def test_wrong_input_is_refused_here_too(run) -> None:
    assert "Did you mean 'path'?" in run(checks={"a": {"file": {"pth": "/"}}})["msg"]
