# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watches for log files that are truncated under their writer, and fetches from the copy what was not read before.

rsyslog begins a truncated file anew by itself, but what it had not read is gone from it. Where the file was copied first (`copytruncate` of
logrotate) the rest is in the copy: the one beside it that begins as the file began. Where there is no copy the bytes are counted.
Lines that are written between the copying and the truncation nobody can have.
"""

from __future__ import annotations

import contextlib
import os
import zlib
from typing import Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils import log_mark, log_recovery, log_spool

#: Seconds between two looks: less than between two of rsyslog's (log_engines/rsyslog.py), so that each place that it notes is seen.
SECONDS = 0.5
HEAD = 512  # bytes by which a copy is known
PATIENCE = 10.0  # seconds for which a copy is looked for
YOUNG = 60.0  # seconds: the copy was changed so short a time before at most
ERRORS = (OSError, EOFError, zlib.error)


class Seen(NamedTuple):
    """A file as it was at a look, at the time `when`.

    offset: how far it was read, as `note` says. changed: its time of change, in nanoseconds.
    """

    inode: int
    size: int
    changed: int
    head: bytes
    offset: int
    note: str
    when: float


class Fetched(NamedTuple):
    """What came of a truncation. lines: that were fetched from the copy. lost: bytes that were not read and are in no copy, at least."""

    input: str
    path: str
    copy: str
    lines: int
    lost: int


def _head(path: str, length: int = HEAD) -> bytes:
    with open(path, "rb") as stream:
        return stream.read(length)


def copy_of(name: str, seen: Seen) -> Optional[str]:
    """Return the copy of a file that has what it had, None where there is none (yet). Raises what ERRORS names."""
    for changed, path in log_recovery.siblings(name):
        if not seen.head or changed < seen.when - YOUNG or os.stat(path).st_ino == seen.inode:
            continue
        with log_recovery.opened(path) as stream:
            if stream.read(len(seen.head)) != seen.head:
                continue
            stream.seek(max(0, seen.offset - 1))
            if len(stream.read(1)) == 1 or not seen.offset:
                return path
    return None


class Watch:
    """What is known of the files that rsyslog reads.

    folder: the state folder of the role. inputs: name to the patterns of its files.
    """

    def __init__(self, folder: str, inputs: Mapping[str, Sequence[str]]) -> None:
        self.folder, self.inputs = folder, inputs
        self.seen: Dict[str, Seen] = {}
        self.waiting: Dict[str, List[Seen]] = {}

    def look(self, now: float) -> List[Fetched]:
        """Look at each file once and return what came of those that were truncated. Raises OSError."""
        if not os.path.exists(os.path.join(self.folder, "collect", log_mark.MARK)):
            self.seen.clear()  # its next start looks by itself for what was truncated meanwhile
            return []
        found = []
        for state in log_spool.read_states(os.path.join(self.folder, "collect")):
            name = log_recovery.input_of(state.name, self.inputs)
            if name is not None:
                with contextlib.suppress(FileNotFoundError):
                    self._look_at(state, now)
                for seen in self.waiting.pop(state.name, []):
                    found += self._fetch(name, state.name, seen, now)
        return found

    def _look_at(self, state: log_spool.ReadState, now: float) -> None:
        status, before = os.stat(state.name), self.seen.get(state.name)
        if status.st_ino != state.inode:  # rotated by renaming
            self.seen.pop(state.name, None)
            return
        head = before.head if before else b""
        if before is None or before.changed != status.st_mtime_ns:
            head = _head(state.name)
        if before is not None and before.inode == status.st_ino and (status.st_size < before.size or not head.startswith(before.head)):
            # As long as rsyslog has not looked again its note is of what was there before: its name has a digest of the first bytes.
            known = state.path == before.note and head != before.head and state.path.count(":") > 1
            offset = max(before.offset, state.offset) if known else before.offset
            self.waiting.setdefault(state.name, []).append(before._replace(offset=offset))
        self.seen[state.name] = Seen(state.inode, status.st_size, status.st_mtime_ns, head, state.offset, state.path, now)

    def _fetch(self, name: str, path: str, seen: Seen, now: float) -> List[Fetched]:
        """Return what came of one truncation, nothing where the copy is still looked for."""
        with contextlib.suppress(*ERRORS):
            copy = copy_of(path, seen)
            if copy:
                lines = log_recovery.recover_rest(os.path.join(self.folder, "recovered", name), copy, seen.offset)
                return [Fetched(name, path, copy, lines, 0)] if lines else []
        if now - seen.when < PATIENCE:
            self.waiting.setdefault(path, []).append(seen)
            return []
        lost = max(0, seen.size - seen.offset)
        return [Fetched(name, path, "", 0, lost)] if lost else []


def told(found: Sequence[Fetched], add: Callable[[str, int], object]) -> List[str]:
    """Return what is to be said of truncations, and count the bytes that are lost. add: counts them for an input. Raises OSError."""
    said = []
    for one in found:
        if one.lost:
            add(one.input, one.lost)
            text = "%s was truncated, with %d bytes at least that were not read and that no copy beside it has"
            said.append(text % (one.path, one.lost))
        else:
            said.append("%s was truncated before it was read to its end: %s has the rest, %d lines" % (one.path, one.copy, one.lines))
    return said
