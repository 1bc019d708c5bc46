# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_spool


def lines(count: int, first: int = 0) -> str:
    return "".join("line %06d\n" % number for number in range(first, first + count))


def note(folder: Path, path: Path, offset: int) -> Path:
    """Write what rsyslog would have noted of a file."""
    made = folder / ("imfile-state:%d:0123456789abcdef" % path.stat().st_ino)
    made.write_text(json.dumps({"filename": str(path), "prev_was_nl": 0, "curr_offs": offset, "strt_offs": offset}))
    return made


@pytest.mark.parametrize("count", [0, 1, 5, 9999, 10_000])
def test_lines_are_counted_backwards(tmp_path: Path, count: int) -> None:
    path = tmp_path / "a"
    path.write_text(lines(10_000))
    assert log_spool.lines_back(str(path), 110_000 + 10_000, count) == (120_000 - 12 * count, 0)


def test_too_few_lines_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text(lines(3))
    assert log_spool.lines_back(str(path), 36, 5) == (0, 2)
    assert log_spool.lines_back(str(path), 12, 1) == (0, 0)
    assert log_spool.lines_back(str(path), 0, 4) == (0, 4)


def test_notes_are_read_and_written(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text(lines(3))
    note(tmp_path, path, 24)
    (tmp_path / "imfile-state:1:ff").write_text("half a no")
    [state] = log_spool.read_states(str(tmp_path))
    assert (state.name, state.offset, state.inode) == (str(path), 24, path.stat().st_ino)
    log_spool.set_offset(state, 12)
    assert log_spool.read_states(str(tmp_path))[0].offset == 12
    assert log_spool.read_states(str(tmp_path / "missing")) == []


def test_segments_know_what_is_read(tmp_path: Path) -> None:
    (tmp_path / "segments").mkdir()
    (tmp_path / "state").mkdir()
    for name in ("179569101", "179569100", "other"):
        (tmp_path / "segments" / (name + ".log")).write_text(lines(2))
    note(tmp_path / "state", tmp_path / "segments" / "179569100.log", 12)
    first, second = log_spool.segments(str(tmp_path))
    assert (first.read, first.unread, first.begun) == (12, 12, 1795691000.0)
    assert (second.read, second.unread) == (None, 24)


def test_the_two_that_were_written_last_are_not_closed(tmp_path: Path) -> None:
    (tmp_path / "segments").mkdir()
    for number in range(4):
        path = tmp_path / "segments" / ("17956910%d.log" % number)
        path.write_text("x\n")
        os.utime(path, (number, number if number else 100))  # the clock was set back: the first by name is the last that was written
    assert [os.path.basename(one.path) for one in log_spool.settled(log_spool.segments(str(tmp_path)))] == [
        "179569101.log",
        "179569102.log",
    ]


def test_the_last_lines_of_what_is_gone_are_kept(tmp_path: Path) -> None:
    (tmp_path / "segments").mkdir()
    for number in range(3):
        (tmp_path / "segments" / ("17956910%d.log" % number)).write_text(lines(5, first=5 * number))
    for segment in log_spool.segments(str(tmp_path)):
        log_spool.keep_tail(str(tmp_path), segment, 4)
    assert log_spool.tail(str(tmp_path / "kept.log"), 3).decode() == lines(3, first=12)
    assert log_spool.tail(str(tmp_path / "missing"), 3) == b""


def test_lines_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text(lines(10))
    assert log_spool.count_lines(str(path)) == 10 and log_spool.count_lines(str(path), 12, 36) == 2


def test_places_outlive_the_program(tmp_path: Path) -> None:
    (tmp_path / "segments").mkdir()
    path = tmp_path / "segments" / "100000000.log"
    path.write_text("a\nb\n")
    places = log_spool.Places(str(tmp_path))
    assert not places.known and log_spool.segments(str(tmp_path))[0].read is None
    places.sent, places.counts, places.pending = {path.name: (path.stat().st_ino, 2)}, {"sent": 1.0}, [[path.name, 1, 2, 4]]
    places.write()
    found = log_spool.Places(str(tmp_path))
    assert (found.sent, found.counts, found.pending, found.known) == (places.sent, places.counts, places.pending, True)
    assert log_spool.segments(str(tmp_path))[0].read == 2
    assert found.of(path.name, path.stat().st_ino + 1) is None, "another file of the same name"


@pytest.mark.parametrize(
    "text", ["", "[]", '{"sent": 1}', '{"sent": {}, "counts": []}', '{"sent": {"a": [1]}, "counts": {}, "pending": []}']
)
def test_damaged_places_are_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "places.json").write_text(text)
    found = log_spool.Places(str(tmp_path))
    assert (found.sent, found.counts, found.pending, found.known) == ({}, {}, [], False)


def test_notes_of_an_rsyslogd_do_not_count_beside_places(tmp_path: Path) -> None:
    """They may be of a file whose inode the segment has got since."""
    (tmp_path / "segments").mkdir()
    (tmp_path / "state").mkdir()
    path = tmp_path / "segments" / "100000000.log"
    path.write_text("a\nb\n")
    note(tmp_path / "state", path, 4)
    assert log_spool.segments(str(tmp_path))[0].read == 4
    log_spool.Places(str(tmp_path)).write()
    assert log_spool.segments(str(tmp_path))[0].read is None
