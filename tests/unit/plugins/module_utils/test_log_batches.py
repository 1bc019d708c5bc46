# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_batches, log_spool
from hypothesis import given
from hypothesis import strategies as some

NOW = 2_000_000_000.0
TIMES = some.integers(min_value=0, max_value=3 * 10**6)  # microseconds


def line(text: bytes, start: int = 0, segment: str = "200000000.log") -> log_batches.Line:
    return log_batches.Line(text, segment, 7, start, start + len(text) + 1)


def said(when: int, text: str = "x") -> log_batches.Line:
    """Return a line of a time, in microseconds since 1970."""
    moment = "1970-01-01T00:%02d:%02d.%06d+00:00" % (when // 60_000_000, when // 10**6 % 60, when % 10**6)
    return line(json.dumps({"@timestamp": moment, "message": text}).encode())


def segment(folder: Path, name: str, text: bytes, age: float = 0.0) -> None:
    (folder / "segments").mkdir(exist_ok=True)
    path = folder / "segments" / name
    path.write_bytes(text)
    os.utime(path, (NOW - age, NOW - age))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1970-01-01T00:00:01Z", 10**6),
        ("1970-01-01T01:00:00.000001+01:00", 1),
        ("1970-01-01T00:00:00.5-0130", 5_400_500_000),
        ("2026-11-26T18:07:01.830807123+00:00", 1_795_716_421_830_807),
        ("2026-13-26T18:07:01Z", None),
        ("yesterday", None),
    ],
)
def test_times(text: str, wanted: int | None) -> None:
    assert log_batches.microseconds(text) == wanted


def test_a_line_without_a_time_has_that_of_its_segment() -> None:
    assert log_batches.moment(line(b"<13>1 text", segment="179571642.log")) == 1_795_716_420 * 10**6
    assert log_batches.moment(said(1_234_567)) == 1_234_567


def test_a_line_that_is_no_json_is_a_message() -> None:
    assert log_batches.fields(line(b'{"message": "a"}')) == {"message": "a"}
    assert log_batches.fields(line(b"[1]")) == {"message": "[1]"}
    assert log_batches.fields(line(b'{"half \xff')) == {"message": '{"half �'}


@given(
    some.lists(some.tuples(some.integers(1, 40), TIMES), max_size=60),
    some.integers(1, 10),
    some.integers(10, 60),
    some.integers(5, 40),
    some.sampled_from([0, 10**6]),
)
def test_batches_hold_every_line_once_in_order_and_never_too_much(
    told: list[tuple[int, int]], count: int, size: int, one: int, span: int
) -> None:
    limits = log_batches.Limits(count, size, min(one, size), span)
    lines = [said(when, str(number)) for number, (_bytes, when) in enumerate(told)]
    sizes = {each: bytes_ for each, (bytes_, _when) in zip(lines, told, strict=True)}
    left, found = list(lines), []
    while left:
        batch = log_batches.taken(iter(left), limits, lambda each: log_batches.Piece(each, sizes[each], None))
        assert 0 < len(batch) <= count
        if len(batch) > 1:
            assert all(piece.size <= limits.one for piece in batch) and sum(piece.size for piece in batch) <= size
            times = [log_batches.moment(piece.line) for piece in batch]
            assert not span or max(times) - min(times) <= span
        found += [piece.line for piece in batch]
        left = left[len(batch) :]
    assert found == lines


def test_what_waits_begins_behind_what_was_acknowledged(tmp_path: Path) -> None:
    segment(tmp_path, "100000000.log", b"a\nbb\nccc\n")
    segment(tmp_path, "100000001.log", b"d\nhalf")
    inode = os.stat(tmp_path / "segments" / "100000000.log").st_ino
    places = log_spool.Places(str(tmp_path))
    places.sent = {"100000000.log": (inode, 2)}
    places.write()
    found = list(log_batches.waiting(log_spool.segments(str(tmp_path)), NOW))
    assert [(one.text, one.start, one.end) for one in found] == [(b"bb", 2, 5), (b"ccc", 5, 9), (b"d", 0, 2)]
    assert log_batches.ranges(found) == [["100000000.log", inode, 2, 9], ["100000001.log", found[-1].inode, 0, 2]]
    assert log_batches.again(str(tmp_path / "segments"), log_batches.ranges(found[1:])) == found[1:]
    os.unlink(tmp_path / "segments" / "100000000.log")
    assert log_batches.again(str(tmp_path / "segments"), log_batches.ranges(found)) == found[2:]


def test_the_rest_of_a_closed_segment_is_a_line(tmp_path: Path) -> None:
    for number, age in enumerate((200.0, 30.0, 20.0)):
        segment(tmp_path, "10000000%d.log" % number, b"rest", age)
    found = list(log_batches.waiting(log_spool.segments(str(tmp_path)), NOW))
    assert [(one.segment, one.text, one.end) for one in found] == [("100000000.log", b"rest", 4)]


def test_a_large_segment_is_read_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_batches, "READ", 7)
    text = b"".join(b"line %d\n" % number for number in range(50))
    segment(tmp_path, "100000000.log", text)
    found = list(log_batches.waiting(log_spool.segments(str(tmp_path)), NOW))
    assert b"".join(one.text + b"\n" for one in found) == text
    assert all(text[one.start : one.end] == one.text + b"\n" for one in found)
