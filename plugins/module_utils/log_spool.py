# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the log shipping keeps on a host's disk: how far each file is read, and the segments in which lines wait for their output.

`STATE` is the folder of the role. `STATE/collect` is the collector's, `STATE/<output>` that of an output:

- `segments/<tens of seconds>.log` hold lines in the form in which they are sent, one per line,
- `state` is the working directory of the sender: how far it has read each segment,
- `kept.log` has the last lines of segments that are gone, for a sender that ends before they were acknowledged,
- `places.json` is what `groundwork-log-send` notes in the place of `state` and `kept.log`: how far each segment has been acknowledged.

rsyslog writes down how far it has read a file in `imfile-state:<inode>:<digest>`, as JSON (its runtime/stream.c and plugins/imfile).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

#: How many seconds one segment takes lines; their name is the time in units of it.
SEGMENT_SECONDS = 10
BLOCK = 65536
#: How many segments the collector keeps open.
OPEN = 2
_STATE = re.compile(r"^imfile-state:(\d+)(?::[0-9a-f]+)?$")
_SEGMENT = re.compile(r"^\d{9,}\.log$")


class ReadState(NamedTuple):
    """How far a file was read. path: of the record. inode, name: of the file. offset: bytes."""

    path: str
    inode: int
    name: str
    offset: int


class Segment(NamedTuple):
    """Lines that wait. read: bytes that the sender has read, None where it has not begun. changed: time of the last write."""

    path: str
    inode: int
    size: int
    changed: float
    read: Optional[int]

    @property
    def begun(self) -> float:
        """Return from when on it took lines, seconds since 1970."""
        return float(os.path.basename(self.path)[: -len(".log")]) * SEGMENT_SECONDS

    @property
    def unread(self) -> int:
        """Return how many bytes of it the sender has not read."""
        return max(0, self.size - (self.read or 0))


def read_states(folder: str) -> List[ReadState]:
    """Return what rsyslog has noted in a working directory; a note that cannot be read is passed over."""
    found = []
    for name in sorted(_names(folder)):
        match = _STATE.match(name)
        if match:
            path = os.path.join(folder, name)
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                with open(path, encoding="utf-8", errors="surrogateescape") as stream:
                    note = json.load(stream)
                found.append(ReadState(path, int(match[1]), str(note["filename"]), int(note["curr_offs"])))
    return found


def set_offset(state: ReadState, offset: int) -> None:
    """Have rsyslog begin at another place of the file when it starts. Raises OSError."""
    with open(state.path, encoding="utf-8", errors="surrogateescape") as stream:
        note: Dict[str, Any] = json.load(stream)
    note.pop("prev_line_segment", None)  # the part of a line, or of a message of several lines, from before the place
    note.pop("prev_msg_segment", None)
    note.update(curr_offs=offset, strt_offs=offset, prev_was_nl=0)
    partial = state.path + ".new"
    with open(partial, "w", encoding="utf-8", errors="surrogateescape") as stream:
        json.dump(note, stream)
    os.rename(partial, state.path)


class Places:
    """How far an output of `groundwork-log-send` has acknowledged each segment, and what it has counted; outlives the program.

    sent: name of a segment to its inode and the bytes that were acknowledged. pending: stretches of the request that may be on its way.
    trouble: why nothing is taken just now, with nothing secret; else empty. proven: mark of the settings by which something was taken last.
    """

    def __init__(self, folder: str) -> None:
        """Read the notes of an output; without any, or where they are damaged, nothing of its segments was sent. folder: of the output."""
        self.path = os.path.join(folder, "places.json")
        self.sent: Dict[str, Tuple[int, int]] = {}
        self.counts: Dict[str, float] = {}
        self.pending: List[List[Any]] = []
        self.trouble = self.proven = ""
        self.known = False
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            with open(self.path, encoding="utf-8") as stream:
                note = json.load(stream)
            sent = {str(name): (int(inode), int(offset)) for name, (inode, offset) in note["sent"].items()}
            counts = {str(name): float(value) for name, value in note["counts"].items()}
            self.sent, self.counts, self.pending, self.known = sent, counts, [list(one) for one in note["pending"]], True
            self.trouble, self.proven = str(note.get("trouble", "")), str(note.get("proven", ""))

    def write(self) -> None:
        """Put the notes on the disk, whole or not at all. Raises OSError."""
        with open(self.path + ".new", "w", encoding="utf-8") as stream:
            note = {"sent": self.sent, "counts": self.counts, "pending": self.pending, "trouble": self.trouble, "proven": self.proven}
            json.dump(note, stream)
        os.rename(self.path + ".new", self.path)

    def of(self, name: str, inode: int) -> Optional[int]:
        """Return how many bytes of a segment were acknowledged, None where it was not begun. A segment of the same name may be another."""
        known = self.sent.get(name)
        return known[1] if known and known[0] == inode else None


def lines_back(path: str, offset: int, lines: int) -> Tuple[int, int]:
    """Return where the last `lines` lines before `offset` begin, and how many lines there are too few. Raises OSError."""
    if lines <= 0:
        return offset, 0
    with open(path, "rb") as stream:
        place, left = offset, lines + 1  # the line feed before the first of them counts too
        while place > 0:
            length = min(BLOCK, place)
            place -= length
            stream.seek(place)
            block = stream.read(length)
            count = block.count(b"\n")
            if count < left:
                left -= count
                continue
            at = length
            for _number in range(left):
                at = block.rindex(b"\n", 0, at)
            return place + at + 1, 0
    return 0, left - 1


def count_lines(path: str, start: int = 0, end: Optional[int] = None) -> int:
    """Return how many lines end between two places of a file. Raises OSError."""
    count, left = 0, (os.stat(path).st_size if end is None else end) - start
    with open(path, "rb") as stream:
        stream.seek(start)
        while left > 0:
            block = stream.read(min(BLOCK * 16, left))
            if not block:
                break
            count, left = count + block.count(b"\n"), left - len(block)
    return count


def segments(folder: str) -> List[Segment]:
    """Return the segments of an output, the oldest first. folder: of the output."""
    places = Places(folder)
    read = {} if places.known else {state.inode: state.offset for state in read_states(os.path.join(folder, "state"))}
    place, found = os.path.join(folder, "segments"), []
    for name in sorted(filter(_SEGMENT.match, _names(place)), key=lambda one: (len(one), one)):
        with contextlib.suppress(FileNotFoundError):
            path = os.path.join(place, name)
            status = os.stat(path)
            found.append(
                Segment(
                    path,
                    status.st_ino,
                    status.st_size,
                    status.st_mtime,
                    places.of(name, status.st_ino) if places.known else read.get(status.st_ino),
                )
            )
    return found


def tail(path: str, lines: int, end: Optional[int] = None) -> bytes:
    """Return the last lines of a file, up to the place `end`; nothing where there is no such file. Raises OSError."""
    try:
        stop = os.stat(path).st_size if end is None else end
        start, _missing = lines_back(path, stop, lines)
        with open(path, "rb") as stream:
            stream.seek(start)
            return stream.read(stop - start)
    except FileNotFoundError:
        return b""


def keep_tail(folder: str, segment: Segment, lines: int) -> None:
    """Remember the last lines of a segment that is about to go. Raises OSError."""
    path = os.path.join(folder, "kept.log")
    if os.path.exists(path) and os.stat(path).st_size < BLOCK * 64:
        with open(path, "ab") as stream:
            stream.write(tail(segment.path, lines))
        return
    partial = path + ".new"
    with open(partial, "wb") as stream:
        stream.write(tail(path, lines))
        stream.write(tail(segment.path, lines))
    os.rename(partial, path)


def settled(found: List[Segment]) -> List[Segment]:
    """Return the segments that the collector has closed: it holds open the two that it wrote last, whatever the clock did."""
    open_still = {one.path for one in sorted(found, key=lambda one: one.changed)[-OPEN:]}
    return [one for one in found if one.path not in open_still]


def _names(folder: str) -> List[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
