# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines that wait in segments, in batches for a request: never more than it may hold, none left out, in their order."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import re
from typing import Any, Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils import log_spool

READ = 1 << 18  # bytes of a segment at once
REST = 60  # seconds after which what has no line feed at the end of a closed segment is a line
_TIME = re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$")
_HEAD = re.compile(rb'\{"@timestamp":\s*"([^"]{10,40})"')


class Line(NamedTuple):
    """A line that waits. text: without its line feed. segment, inode: of its file.

    start, end: where it stands there, with its line feed.
    """

    text: bytes
    segment: str
    inode: int
    start: int
    end: int


class Piece(NamedTuple):
    """A line as a request has it. size: the bytes that it takes there. made: what the request is put together from."""

    line: Line
    size: int
    made: Any


class Limits(NamedTuple):
    """What a request may hold. lines: their number. size, one: bytes of all and of one of them. span: microseconds from first to last."""

    lines: int
    size: int
    one: int
    span: int = 0


def microseconds(text: str) -> Optional[int]:
    """Return a time of RFC 3339 in microseconds since 1970, None where it is none."""
    match = _TIME.match(text)
    if not match:
        return None
    zone = match[3] if match[3] and match[3] != "Z" else "+00:00"
    zone = zone if ":" in zone else zone[:3] + ":" + zone[3:]
    try:
        moment = datetime.datetime.fromisoformat(match[1].replace(" ", "T") + zone)
    except ValueError:
        return None
    # Not by timestamp(), whose float is exact to some microseconds only.
    passed = moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return (passed.days * 86400 + passed.seconds) * 10**6 + int((match[2] or "0").ljust(6, "0")[:6])


def moment(line: Line) -> int:
    """Return when a line was said, microseconds since 1970; where it does not say so, when its segment began."""
    match = _HEAD.match(line.text)
    found = microseconds(match[1].decode("ascii", "replace")) if match else None
    if found is not None:
        return found
    digits = re.sub(r"\D", "", line.segment)
    return int(digits or 0) * log_spool.SEGMENT_SECONDS * 10**6


def fields(line: Line) -> Dict[str, Any]:
    """Return what a line has as JSON; one that is none is a message."""
    text = line.text.decode("utf-8", "replace")
    with contextlib.suppress(ValueError):
        found = json.loads(text)
        if isinstance(found, dict):
            return found
    return {"message": text}


def waiting(segments: Sequence[log_spool.Segment], now: float) -> Iterator[Line]:
    """Yield the lines that were not sent yet, the oldest segment first; what has no line feed yet is none. Raises OSError."""
    closed = {one.path for one in log_spool.settled(list(segments)) if now - one.changed > REST}
    for segment in segments:
        if segment.unread:
            with contextlib.suppress(FileNotFoundError):  # the keeper may drop it at any time
                yield from _lines(segment, segment.path in closed)


def _lines(segment: log_spool.Segment, closed: bool) -> Iterator[Line]:
    name, place = os.path.basename(segment.path), segment.read or 0
    with open(segment.path, "rb") as stream:
        stream.seek(place)
        rest = b""
        while True:
            block = stream.read(READ)
            *whole, rest = (rest + block).split(b"\n")
            for text in whole:
                end = place + len(text) + 1
                yield Line(text, name, segment.inode, place, end)
                place = end
            if not block:
                break
    if rest and closed:
        yield Line(rest, name, segment.inode, place, place + len(rest))


def ranges(lines: Sequence[Line]) -> List[List[Any]]:
    """Return where the lines stand: [segment, inode, start, end] of each stretch."""
    found: List[List[Any]] = []
    for line in lines:
        if found and found[-1][:2] == [line.segment, line.inode] and found[-1][3] == line.start:
            found[-1][3] = line.end
        else:
            found.append([line.segment, line.inode, line.start, line.end])
    return found


def again(folder: str, stretches: Iterable[Sequence[Any]]) -> List[Line]:
    """Return the lines of some stretches, but for those of segments that are gone. folder: of the segments. Raises OSError."""
    found: List[Line] = []
    for name, inode, start, end in stretches:
        path = os.path.join(folder, os.path.basename(str(name)))
        with contextlib.suppress(FileNotFoundError):
            if os.stat(path).st_ino == inode:
                segment = log_spool.Segment(path, inode, end, 0.0, start)
                found += [line for line in _lines(segment, True) if line.end <= end]
    return found


def taken(lines: Iterator[Line], limits: Limits, form: Callable[[Line], Piece]) -> List[Piece]:
    """Return the next lines for one request. form: makes of a line what is sent of it.

    A line that is too large by itself comes alone; who sends has to look.
    """
    batch: List[Piece] = []
    total, first, last = 0, 0, 0
    for line in lines:
        piece = form(line)
        when = moment(line) if limits.span else 0
        first, last = (min(first, when), max(last, when)) if batch else (when, when)
        alone = piece.size > limits.one
        if batch and (alone or total + piece.size > limits.size or last - first > limits.span):
            break
        batch.append(piece)
        total += piece.size
        if alone or len(batch) >= limits.lines:
            break
    return batch
