# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the figures of the suite `logs` say, and the peer's configuration. Nothing is measured here."""

from __future__ import annotations

import pytest

from benchmarks import logs
from benchmarks.commands import BenchmarkError

COLLECTOR = """ruleset(name="x") {
}
template(name="segment_a" type="list") {
  constant(value="/x/")
}
template(name="line_a" type="list") {
  constant(value="<") property(name="pri") constant(value=">1 ")
  property(name="msg" controlCharacters="escape" dropLastLf="on") constant(value="\\n")
}
"""


def figures(seconds: float, processor: float) -> logs.Figures:
    lines = {logs.OURS: 2_000_000, logs.DISK: 200_000, logs.MEMORY: 2_000_000}
    return logs.Figures(
        lines,
        {logs.OURS: [seconds] * 3, logs.DISK: [40.0] * 3, logs.MEMORY: [25.0] * 3},
        {logs.OURS: [processor] * 3, logs.DISK: [16.0] * 3, logs.MEMORY: [15.0] * 3},
    )


def test_the_peer_makes_the_same_lines() -> None:
    text = logs.peer_text(logs.DISK, COLLECTOR, "10.0.0.1")
    assert 'template(name="line" type="list") {\n  constant(value="<")' in text
    assert 'dropLastLf="on")\n}' in text, "RELP has frames, not line feeds"
    assert 'queue.type="Disk" queue.checkpointInterval="1"' in text
    assert 'target="10.0.0.1"' in text
    assert "$" not in text
    assert 'queue.type="LinkedList"' in logs.peer_text(logs.MEMORY, COLLECTOR, "10.0.0.1")


def test_a_collector_whose_lines_cannot_be_copied_is_refused() -> None:
    with pytest.raises(BenchmarkError, match="no template line_"):
        logs.peer_text(logs.DISK, "nothing", "10.0.0.1")


def test_the_time_is_that_between_two_stamps() -> None:
    assert logs.between("2026-11-26T14:00:00.500000+00:00", "2026-11-26T14:00:31.000000+00:00") == 30.5


def test_the_targets_are_judged() -> None:
    fast = logs.section(figures(35.0, 26.0), 30.0, 34.0)
    assert [one.met for one in fast.verdicts] == [True, True, True]
    slow = logs.section(figures(50.0, 250.0), 70.0, 80.0)
    assert [one.met for one in slow.verdicts] == [False, False, False]


def test_a_processor_that_was_shared_is_told() -> None:
    assert any("76923" in one for one in logs.section(figures(50.0, 26.0), 30.0, 34.0).text)
    assert not any("busy" in one for one in logs.section(figures(27.0, 26.0), 30.0, 34.0).text)
