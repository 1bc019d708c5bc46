# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The suite of health checks: all arms look at the same, and an arm that looks at less is refused. Nothing is measured here."""

from __future__ import annotations

import pytest

from benchmarks import health
from benchmarks.commands import Arm, BenchmarkError


def test_there_are_fifty_for_every_arm() -> None:
    assert health.COUNT == 50
    assert sum(map(len, health.subjects().values())) == 50
    assert len(health.our_checks()) == 50
    assert sum(map(len, health.goss_checks().values())) == 50


def test_an_arm_that_looked_at_less_is_refused() -> None:
    health.judged(Arm(health.OURS, ()), "all 50 checks passed")
    health.judged(Arm(health.EMPTY[health.OURS], ()), "")
    with pytest.raises(BenchmarkError, match="testinfra over ansible did not say '50 passed'"):
        health.judged(Arm(health.TESTINFRA, ()), "49 passed")


def test_verdicts() -> None:
    wall = {health.OURS: [2.0], health.TASKS: [21.0], health.TESTINFRA: [12.0], "empty play": [1.0], health.EMPTY[health.TESTINFRA]: [2.0]}
    times = health.Times(wall, {name: [1.0] for name in wall})
    seconds = {health.PROGRAM: [0.3, 0.3], health.GOSS: [0.2, 0.1]}
    assert [verdict.met for verdict in health.verdicts(times, seconds)] == [True, False, False]
    assert len(health.table(times).rows) == 5
    assert health.local_table(seconds).rows[1][2].startswith("0.50x")
