# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds lines in the files of a log server and gives them in the order of their times, whatever the size of the files.

Within a file lines stay in the order in which they came: a line counts as at least as late as those before it.
"""

from __future__ import annotations

import contextlib
import gzip
import heapq
import json
import os
import re
import tempfile
from fnmatch import fnmatchcase
from typing import IO, Any, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import log_archive, log_lines

MOST_OPEN = 400  # files at a time; more are merged by way of a temporary file
SKEW = b"\xff"  # sorts behind every time
NEAR = 1 << 16  # bytes within which a file that is written to is read through
SLACK = 3600.0  # seconds by which the clock of a host may be ahead of the server's, at most

Keyed = Tuple[bytes, bytes]


class Wanted(NamedTuple):
    """What is asked for. hosts, programs: patterns, empty for all. since, until: times of lines, empty for no bound; until is not included.

    patterns: all of them have to be found in the message. severity: the least urgent one that is wanted.
    """

    hosts: Tuple[str, ...] = ()
    programs: Tuple[str, ...] = ()
    since: bytes = b""
    until: bytes = b""
    patterns: Tuple[Any, ...] = ()
    severity: Optional[int] = None


class Source(NamedTuple):
    """A file to read. first, last: bounds of the times of its lines, as times of lines."""

    path: str
    packed: bool
    first: bytes
    last: bytes
    number: int


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)


def _spelled(compact: str, end: bool) -> bytes:
    """Return a time of a file's name as times of lines are written; it was cut to seconds."""
    date, _t, clock = compact.partition("T")
    text = "%s-%s-%sT%s:%s:%s" % (date[:4], date[4:6], date[6:8], clock[:2], clock[2:4], clock[4:6])
    return text.encode() + (SKEW if end else b"")


def sources(directory: str, wanted: Wanted) -> List[Source]:
    """Return the files in which something may be. Raises OSError."""
    found: List[Source] = []
    with log_archive.locked(directory, shared=True):
        for host in log_lines.hosts(directory):
            if not _matches(host, wanted.hosts):
                continue
            for entry in log_lines.files(directory, host):
                told = log_lines.archive(entry.name)
                if told:
                    program, first, last, number = told.program, _spelled(told.first, False), _spelled(told.last, True), told.number
                elif entry.name.endswith((log_lines.LIVE, log_lines.CLOSING)):
                    closing = entry.name.endswith(log_lines.CLOSING)
                    program = entry.name[: -len(log_lines.CLOSING if closing else log_lines.LIVE)]
                    first, last, number = b"", SKEW, 1 << 62 | (not closing)
                else:
                    continue
                outside = last < wanted.since or (wanted.until and first >= wanted.until)
                if not outside and _matches(program, wanted.programs):
                    found.append(Source(entry.path, told is not None, first, last, number))
    return found


def _skip(stream: IO[bytes], since: bytes) -> None:
    """Go to where lines of this time may begin: lines stand in the order in which they were received, and none comes before its time."""
    try:
        earliest = log_lines.seconds(since) - SLACK
    except ValueError:
        return
    low, high = 0, stream.seek(0, os.SEEK_END)
    while high - low > NEAR:
        middle = (low + high) // 2
        stream.seek(middle)
        stream.readline()
        came = log_lines.received(stream.readline())
        try:
            early = log_lines.seconds(came) < earliest
        except ValueError:  # a line of another form: begin before it
            early = False
        low, high = (middle, high) if early else (low, middle)
    stream.seek(low)
    if low:
        stream.readline()


def _successor(source: Source) -> Optional[Source]:
    """Return what became of a file that was closed since it was listed: the newest closed one of its program."""
    folder, name = os.path.split(source.path)
    program = name[: -len(log_lines.CLOSING if name.endswith(log_lines.CLOSING) else log_lines.LIVE)]
    closed = []
    for entry in log_lines.files(*os.path.split(folder)):
        told = log_lines.archive(entry.name)
        if told and told.program == program:
            closed.append((told.number, entry.path))
    return source._replace(path=max(closed)[1], packed=True) if closed else None


def _opened(source: Source, since: bytes) -> Any:
    """Open a file, also one that was closed since it was listed; None where its time was over meanwhile."""
    now: Optional[Source] = source
    for _attempt in range(3):
        if now is None:
            break
        try:
            stream: Any = gzip.open(now.path, "rb") if now.packed else open(now.path, "rb")  # noqa: SIM115  # the caller closes it
        except FileNotFoundError:
            closing = source._replace(path=source.path + log_lines.CLOSING[len(log_lines.LIVE) :])
            now = None if now.packed else closing if now is source and os.path.exists(closing.path) else _successor(source)
            continue
        if since and not now.packed:
            _skip(stream, since)
        return stream
    return None


def _anywhere(pattern: Any) -> bool:
    """Return whether a pattern that is found in a message is found in its whole line too: nothing of it looks at what stands before."""
    return not re.search(rb"\^|\\[AB]|\(\?", pattern.pattern.replace(b"[^", b"["))


def _wanted_of(stream: Iterable[bytes], wanted: Wanted) -> Iterator[Keyed]:
    since, until, patterns, severity = wanted.since, wanted.until, wanted.patterns, wanted.severity
    latest = b""
    quick = [pattern for pattern in patterns if _anywhere(pattern)]  # taking a line apart takes longer than looking for them in it
    for line in stream:
        when = log_lines.stamp(line)
        latest = max(latest, when)
        if (since and when < since) or (until and when >= until):
            continue
        if severity is not None or patterns:
            if not all(pattern.search(line) for pattern in quick):
                continue
            parts = log_lines.parse(line)
            message = parts.message if parts else line.rstrip(b"\n")
            if severity is not None and (parts is None or parts.priority & 7 > severity):
                continue
            if not all(pattern.search(message) for pattern in patterns):
                continue
        yield latest, line


def lines(source: Source, wanted: Wanted) -> Iterator[Keyed]:
    """Yield the wanted lines of a file, each with the time by which it is sorted. Raises OSError, EOFError for a damaged file."""
    stream = _opened(source, wanted.since)
    if stream is None:
        return
    try:
        yield from _wanted_of(stream, wanted)
    finally:
        stream.close()


def _most_at_once(found: Sequence[Source]) -> int:
    moments = sorted([(one.first, 1) for one in found] + [(one.last + SKEW, -1) for one in found])
    most = now = 0
    for _when, change in moments:
        now += change
        most = max(most, now)
    return most


def _merged(found: Sequence[Source], wanted: Wanted) -> Iterator[Keyed]:
    """Merge files, each opened only when its first time has come."""
    heap: List[Tuple[bytes, int, int, bytes, Optional[Iterator[Keyed]]]] = []
    for place, source in enumerate(sorted(found, key=lambda one: (one.number, one.path))):
        heap.append((source.first, place, 0, b"", lines(source, wanted)))
    heapq.heapify(heap)
    count = 0
    while heap:
        key, place, serial, line, rest = heap[0]
        if serial:
            yield key, line
        count += 1
        following = next(rest, None) if rest is not None else None
        if following is None:
            heapq.heappop(heap)
        else:
            heapq.heapreplace(heap, (following[0], place, count, following[1], rest))


def _spilled(run: Iterable[Keyed]) -> Iterator[Keyed]:
    """Put a sorted run into a temporary file, and yield it from there."""
    with tempfile.TemporaryFile() as stream:
        for key, line in run:
            stream.write(b"%d %d %s%s\n" % (len(key), len(line), key, line))
        stream.seek(0)
        for head in stream:
            one, _space, rest = head.partition(b" ")
            two, _space, begun = rest.partition(b" ")
            whole = int(one) + int(two) + 1
            body = begun + stream.read(max(0, whole - len(begun)))
            yield body[: int(one)], body[int(one) : int(one) + int(two)]


def search(directory: str, wanted: Wanted, most: int = MOST_OPEN) -> Iterator[bytes]:
    """Yield the wanted lines as they are stored, in the order of their times. most: how many files may be open at a time."""
    found = sources(directory, wanted)
    if _most_at_once(found) <= most:
        for _key, line in _merged(found, wanted):
            yield line
        return
    runs = [_spilled(_merged(found[start : start + most], wanted)) for start in range(0, len(found), most)]
    for _key, line in heapq.merge(*runs, key=lambda keyed: keyed[0]):
        yield line


def as_text(line: bytes) -> str:
    """Return a line for people: time, host, program[process]: message."""
    parts = log_lines.parse(line)
    if parts is None:
        return line.decode("utf-8", "replace").rstrip("\n")
    process = "[%s]" % parts.process.decode("utf-8", "replace") if parts.process != b"-" else ""
    words = [one.decode("utf-8", "replace") for one in (parts.time, parts.host, parts.program)]
    message = parts.message.decode("utf-8", "replace")
    return "%s %s %s%s: %s" % (*words, process, re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "\ufffd", message))


def as_json(line: bytes) -> str:
    """Return a line as one JSON object: time, received, from, host, program, process, identifier, severity, facility, labels, message."""
    parts = log_lines.parse(line)
    if parts is None:
        return json.dumps({"message": line.decode("utf-8", "replace").rstrip("\n")}, ensure_ascii=False)
    labels = log_lines.labels(parts.structured)
    came = labels.pop("received@32473", {})
    found: Dict[str, Any] = {"time": parts.time.decode("ascii", "replace"), "received": came.get("time"), "from": came.get("from")}
    for name in ("host", "program", "process", "identifier"):
        text = getattr(parts, name).decode("utf-8", "replace")
        found[name] = None if text == "-" else text
    found.update(severity=log_lines.SEVERITIES[parts.priority & 7], facility=parts.priority >> 3, labels=labels)
    found["message"] = parts.message.decode("utf-8", "replace")
    return json.dumps(found, ensure_ascii=False)


def follow(directory: str, wanted: Wanted, positions: Dict[str, Tuple[int, int]]) -> Iterator[bytes]:
    """Yield what was added since the last call. positions: inode and offset of each file by its path; empty: from their ends on."""
    begins = not positions
    positions.setdefault("", (0, 0))
    everything = wanted._replace(since=b"", until=b"")
    for source in sources(directory, everything):
        if source.packed or not source.path.endswith(log_lines.LIVE):
            continue
        with contextlib.suppress(FileNotFoundError), open(source.path, "rb") as stream:
            status = os.fstat(stream.fileno())
            inode, offset = positions.get(source.path, (status.st_ino, 0))
            stream.seek(status.st_size if begins else offset if inode == status.st_ino else 0)
            for line in stream:
                if not line.endswith(b"\n"):  # it is being written
                    stream.seek(-len(line), os.SEEK_CUR)
                    break
                if any(True for _one in _wanted_of([line], everything)):
                    yield line
            positions[source.path] = (status.st_ino, stream.tell() if not begins else status.st_size)
