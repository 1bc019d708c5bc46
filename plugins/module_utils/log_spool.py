# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the log shipping keeps on a host's disk: how far each file is read, and the segments in which lines wait for their output.

`STATE` is the folder of the role. `STATE/collect` is the collector's, `STATE/<output>` that of an output:

- `segments/<tens of seconds>.log` hold lines in the form in which they are sent, one per line,
- `state` is the working directory of the sender: how far it has read each segment,
- `kept.log` has the last lines of segments that are gone, for a sender that ends before they were acknowledged,
- `places.json` is what `groundwork-log-send` notes in the place of `state` and `kept.log`: how far each segment has been acknowledged.

rsyslog writes down how far it has read a file in `imfile-state:<inode>:<digest of its first bytes>`, as JSON (its plugins/imfile/imfile.c).
It empties such a note before it writes it, so a kill may leave it empty; rsyslog would then read the file from its beginning. And it may
leave notes of files that are gone, whose inodes other files get. `notes.json` beside the notes therefore has what they said last.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Tuple, cast

#: How many seconds one segment takes lines; their name is the time in units of it.
SEGMENT_SECONDS = 10
BLOCK = 65536
#: How many segments the collector keeps open.
OPEN = 2
KEPT_NOTES = "notes.json"
STALE_SECONDS = 60  # for so long a note was not touched whose segment is gone
_STATE = re.compile(r"^imfile-state:(\d+)(?::[0-9a-f]+)?$")
_SEGMENT = re.compile(r"^\d{9,}\.log$")


class ReadState(NamedTuple):
    """How far a file was read. path: of the note. inode, name: of the file. offset: bytes. changed: when it was noted, in nanoseconds."""

    path: str
    inode: int
    name: str
    offset: int
    changed: int = 0


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


def notes(folder: str) -> Iterator[Tuple[str, int]]:
    """Yield the path of each note of rsyslog in a working directory, and the inode of its file."""
    for name in sorted(_names(folder)):
        match = _STATE.match(name)
        if match:
            yield os.path.join(folder, name), int(match[1])


def read_states(folder: str) -> List[ReadState]:
    """Return what rsyslog has noted in a working directory; a note that cannot be read is passed over.

    Of several notes of one inode only the newest counts: the others are of files that had the inode before.
    """
    newest: Dict[int, Tuple[int, str]] = {}
    for path, inode in notes(folder):
        with contextlib.suppress(FileNotFoundError):
            newest[inode] = max(newest.get(inode, (0, "")), (os.stat(path).st_mtime_ns, path))
    found = []
    for inode, (changed, path) in newest.items():
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            note = _note(path)
            found.append(ReadState(path, inode, str(note["filename"]), int(note["curr_offs"]), changed))
    return found


def _note(path: str) -> Dict[str, Any]:
    with open(path, encoding="utf-8", errors="surrogateescape") as stream:
        return cast(Dict[str, Any], json.load(stream))


def keep_places(folder: str) -> None:
    """Write down what each note says; of one that is just being written, what it said before. folder: with the notes. Raises OSError."""
    path = os.path.join(folder, KEPT_NOTES)
    before: Dict[str, List[Any]] = {}
    with contextlib.suppress(OSError, ValueError):
        before = _note(path)
    known = {os.path.basename(one.path): [one.name, one.offset] for one in read_states(folder)}
    there = {os.path.basename(one) for one, _inode in notes(folder)}
    found = {**{name: place for name, place in before.items() if name in there}, **known}
    if found != before:
        write_json(path, found)


def mend_notes(folder: str) -> List[str]:
    """Write each note anew that a kill has left empty, as `keep_places` knows it; return the names of the files. Raises OSError."""
    known: Dict[str, List[Any]] = {}
    with contextlib.suppress(OSError, ValueError):
        known = _note(os.path.join(folder, KEPT_NOTES))
    mended = []
    for path, _inode in notes(folder):
        try:
            int(_note(path)["curr_offs"])
        except (ValueError, KeyError, TypeError):
            place = known.get(os.path.basename(path))
            if place:
                write_json(path, {"filename": place[0], "prev_was_nl": 0, "curr_offs": place[1], "strt_offs": place[1]})
                mended.append(str(place[0]))
    return mended


def forget_notes(folder: str, before: float = float("inf")) -> None:
    """Remove notes of segments that are gone, of which a new one may get the inode. folder: of the output.

    before: only those that were last written before that time: while rsyslog runs it still has open what has just gone.
    """
    there = {one.inode: os.path.basename(one.path) for one in segments(folder)}
    for path, inode in list(notes(os.path.join(folder, "state"))):
        with contextlib.suppress(OSError):
            name = there.get(inode)
            with contextlib.suppress(ValueError, KeyError, TypeError):
                name = os.path.basename(str(_note(path)["filename"]))
            if os.stat(path).st_mtime < before and (name is None or name != there.get(inode)):
                os.unlink(path)


def end_lines(folder: str) -> int:
    """End the line in the middle of which a kill has ended each segment that was written last; return how many. Raises OSError.

    What is written next would become a part of it. folder: of the output. The collector must not run.
    """
    count = 0
    for segment in sorted(segments(folder), key=lambda one: one.changed)[-OPEN:]:
        with open(segment.path, "r+b") as stream:
            if segment.size and stream.seek(-1, os.SEEK_END) >= 0 and stream.read(1) != b"\n":
                count += stream.write(b"\n")
    return count


def set_offset(state: ReadState, offset: int) -> None:
    """Have rsyslog begin at another place of the file when it starts. Raises OSError."""
    note = _note(state.path)
    note.pop("prev_line_segment", None)  # the part of a line, or of a message of several lines, from before the place
    note.pop("prev_msg_segment", None)
    note.update(curr_offs=offset, strt_offs=offset, prev_was_nl=0)
    write_json(state.path, note)


def write_json(path: str, note: Mapping[str, Any]) -> None:
    """Put a note on the disk, whole or not at all. Raises OSError."""
    with open(path + ".new", "w", encoding="utf-8", errors="surrogateescape") as stream:
        json.dump(note, stream)
    os.rename(path + ".new", path)


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
        note = {"sent": self.sent, "counts": self.counts, "pending": self.pending, "trouble": self.trouble, "proven": self.proven}
        write_json(self.path, note)

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
    read = (
        {} if places.known else {(one.inode, os.path.basename(one.name)): one.offset for one in read_states(os.path.join(folder, "state"))}
    )
    place, found = os.path.join(folder, "segments"), []
    for name in sorted(filter(_SEGMENT.match, _names(place)), key=lambda one: (len(one), one)):
        with contextlib.suppress(FileNotFoundError):
            path = os.path.join(place, name)
            status = os.stat(path)
            # By name too: a note of a segment that is gone may be there, and its inode be that of a new one.
            done = places.of(name, status.st_ino) if places.known else read.get((status.st_ino, name))
            found.append(Segment(path, status.st_ino, status.st_size, status.st_mtime, done))
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
