# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done before a part of the log shipping starts, and after it ended, so that an unclean end loses no line.

A process that is killed has read lines that it had not yet handed on. Each part therefore leaves a mark while it runs; where the mark is
still there at the next start, every source is read again from `lines` lines further back. Lost: none. Doubled: at most that many each.
What was rotated away or truncated meanwhile is fetched from the rotated file and put where the collector reads it.
"""

from __future__ import annotations

import contextlib
import fnmatch
import glob
import gzip
import os
import time
from typing import IO, Collection, Dict, List, Mapping, Optional, Sequence, Tuple, cast

from ansible_collections.groundwork.fleet.plugins.module_utils import log_journal, log_mark, log_spool

DAY = 86400
STRAY_SECONDS = 20  # for so long a note was not touched
STATS_SECONDS = 10  # between two writings of rsyslog's statistics


def begin_collecting(folder: str, inputs: Mapping[str, Sequence[str]], lines: int) -> Dict[str, int]:
    """Make ready what the collector reads. Returns how many lines further back each file is begun.

    folder: the state folder of the role. inputs: name to the patterns of its files. Raises OSError.
    """
    place = os.path.join(folder, "collect")
    log_spool.mend_notes(place)
    floors, begun = log_mark.begun_at(place), log_mark.cursor_at(place)
    since = log_mark.begin(place, log_mark.noted(place))
    back: Dict[str, int] = {}
    recovered = os.path.join(folder, "recovered")
    _forget_recovered(recovered, time.time() - DAY)
    states = log_spool.read_states(place)
    known = {one.inode for one in states}
    for state in states:
        found = _begin_file(state, inputs, recovered, lines, since, known, floors.get(os.path.basename(state.path)))
        back.update({name: back.get(name, 0) + count for name, count in found.items()})
    cursor = os.path.join(place, "imjournal.state")
    if not os.path.exists(cursor):  # the very first start: what was said before is not shipped, what is said from now on is
        for newest in log_journal.cursors("--lines=1"):
            write(cursor, newest.encode())
    elif since is not None:
        journal = _rewind_journal(cursor, lines, begun)
        back.update({"journal": journal} if journal else {})
    for output in os.listdir(folder):
        log_spool.end_lines(os.path.join(folder, output))
    log_mark.keep_noted(place)
    return back


def _begin_file(
    state: log_spool.ReadState,
    inputs: Mapping[str, Sequence[str]],
    recovered: str,
    lines: int,
    since: Optional[float],
    noted: Collection[int],
    floor: Optional[int],
) -> Dict[str, int]:
    """Make one file ready; return how many lines of it are read again, by its name.

    noted: inodes of which rsyslog has a note. floor: where the run before began to read it.
    """
    name = input_of(state.name, inputs)
    if name is None or state.name.startswith(recovered + "/"):
        if since is not None and os.path.exists(state.name):
            _rewind(state, lines, floor)
        return {}
    status = _status(state.name)
    same = status is not None and status.st_ino == state.inode
    if same and status is not None and status.st_size >= state.offset:
        if since is None:
            return {}
        count, missing = _rewind(state, lines, floor)
        text = _end_of_predecessor(state.name, missing, since, noted) if missing else b""
    else:
        text = _left_in_predecessor(state, lines if since is not None else 0, since, noted)
        count = 0
        if same:
            log_spool.set_offset(state, 0)
        else:
            os.unlink(state.path)
    if text:
        _recover(os.path.join(recovered, name), text)
    return {state.name: count + text.count(b"\n")}


def fetch_strays(folder: str, inputs: Mapping[str, Sequence[str]], now: float) -> Dict[str, int]:
    """Have the rest of files be read that were rotated away before rsyslog opened them again; return how many lines of which.

    Of such a file rsyslog has a note, and does not look at it any more.
    """
    found: Dict[str, int] = {}
    for state in log_spool.read_states(os.path.join(folder, "collect")):
        status, note = _status(state.name), _status(state.path)
        if note is None or now - note.st_mtime < STRAY_SECONDS or (status is not None and status.st_ino == state.inode):
            continue
        name = input_of(state.name, inputs)
        left = [path for _changed, path in siblings(state.name) if os.stat(path).st_ino == state.inode] if name else []
        lines = recover_rest(os.path.join(folder, "recovered", name), left[0], state.offset) if name and left else 0
        if lines:
            found[state.name] = found.get(state.name, 0) + lines
        if left:
            os.unlink(state.path)
    return found


def input_of(path: str, inputs: Mapping[str, Sequence[str]]) -> Optional[str]:
    """Return the name of the input that a file belongs to, None where it is none's. inputs: name to patterns."""
    return next((one for one, patterns in inputs.items() if any(fnmatch.fnmatch(path, pattern) for pattern in patterns)), None)


def _status(path: str) -> Optional[os.stat_result]:
    try:
        return os.stat(path)
    except OSError:
        return None


def begin_sending(folder: str, lines: int) -> int:
    """Make ready what the sender of an output reads. Returns how many lines are sent again. folder: that of the output. Raises OSError.

    Half of them in the segment that was read last, the rest in those before: the collector may still write into one
    while the sender reads the next already. No segment is begun before the place at which the last run began it.
    """
    state = os.path.join(folder, "state")
    _forget_acknowledged(folder)
    log_spool.forget_notes(folder)
    log_spool.mend_notes(state)
    floors = log_mark.begun_at(state)
    saved = glob.glob(os.path.join(glob.escape(state), "queue*"))
    if log_mark.begin(state, log_mark.noted(state)) is None:
        if not saved:  # what is in a saved queue is before the places
            log_mark.keep_noted(state)
        return 0
    for path in saved:
        os.unlink(path)  # what was saved of the queue is within the lines that are sent again
    found = {one.inode: one for one in log_spool.read_states(state)}
    read = [one for one in log_spool.segments(folder) if one.read]
    read.sort(key=lambda one: (found[one.inode].changed, one.path), reverse=True)
    left = lines
    for number, segment in enumerate(read):
        wanted = left - lines // 2 if number == 0 and len(read) > 1 else left
        if wanted > 0:
            end = min(cast(int, segment.read), segment.size)
            offset, missing = _lines_back(segment.path, end, wanted, floors.get(os.path.basename(found[segment.inode].path), 0))
            log_spool.set_offset(found[segment.inode], offset)
            left -= wanted - missing
    kept = os.path.join(folder, "kept.log")
    text = log_spool.tail(kept, left)
    if text:
        first = os.path.join(folder, "segments", "0%08d.log" % (int(time.time()) % 10**8))
        write(first, text)
        os.unlink(kept)
    log_mark.keep_noted(state)
    return lines - left + text.count(b"\n")


def _lines_back(path: str, end: int, lines: int, floor: int) -> Tuple[int, int]:
    """Return where the last lines before `end` begin, not before `floor`, and how many lines there are too few. Raises OSError."""
    offset, missing = log_spool.lines_back(path, end, lines)
    if offset >= floor or floor > end:
        return offset, missing
    return floor, missing + log_spool.count_lines(path, offset, floor)


def _forget_acknowledged(folder: str) -> None:
    """Remove what `groundwork-log-send` sent before, where it was the sender of this output; rsyslog does not know its notes."""
    places = log_spool.Places(folder)
    if places.known:
        for segment in log_spool.settled(log_spool.segments(folder)):
            if segment.read is not None and not segment.unread:
                os.unlink(segment.path)
        os.unlink(places.path)


def about_to_stop(folder: str, quiet: bool) -> None:
    """Note that the sender is about to be stopped. quiet: while the other end has got all that was sent."""
    if quiet:
        with contextlib.suppress(OSError), open(os.path.join(folder, "state", log_mark.QUIET), "w", encoding="ascii"):
            pass


def ended(folder: str, result: str, needs_quiet: bool) -> bool:
    """Take the mark away where the process ended as it should, and tell whether it did.

    result: systemd's SERVICE_RESULT. needs_quiet: only where `about_to_stop` has noted it and no queue was saved.
    """
    quiet = os.path.join(folder, log_mark.QUIET)
    clean = result == "success"
    if clean and needs_quiet:
        clean = os.path.exists(quiet) and time.time() - os.stat(quiet).st_mtime < 4
        clean = clean and not glob.glob(os.path.join(glob.escape(folder), "queue*"))
    if clean:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(folder, log_mark.MARK))
    return clean


def is_quiet(port: int, proc: str = "/proc") -> bool:
    """Return whether a connection to a port stands, and none of them has bytes that the other end has not got (proc(5), net/tcp)."""
    queues = []
    for name in ("tcp", "tcp6"):
        with contextlib.suppress(OSError), open("%s/net/%s" % (proc, name), encoding="ascii") as stream:
            for line in stream.readlines()[1:]:
                fields = line.split()
                if int(fields[2].rsplit(":", 1)[1], 16) == port:
                    queues.append((fields[3], int(fields[4].split(":")[0], 16)))
    return any(state == "01" for state, _bytes in queues) and all(state == "01" and not waiting for state, waiting in queues)


def _rewind(state: log_spool.ReadState, lines: int, floor: Optional[int]) -> Tuple[int, int]:
    """Have a file be read again from some lines further back; return how many lines, and how many of its predecessor too.

    floor: where the run before began to read it, None where it was not there yet: only then that run may have read the predecessor.
    """
    offset, missing = _lines_back(state.name, state.offset, lines, floor or 0)
    log_spool.set_offset(state, offset)
    return lines - missing, missing if floor is None else 0


def siblings(name: str) -> List[Tuple[float, str]]:
    """Return the rotated predecessors of a file with the time of their last change, the newest first."""
    found = []
    for path in glob.glob(glob.escape(name) + "[.-]*"):
        with contextlib.suppress(OSError):
            if os.path.isfile(path):
                found.append((os.stat(path).st_mtime, path))
    return sorted(found, reverse=True)


def opened(path: str) -> IO[bytes]:
    """Open a rotated file, which may be compressed. Raises OSError."""
    return cast(IO[bytes], gzip.open(path, "rb")) if path.endswith(".gz") else open(path, "rb")


def _content(path: str) -> bytes:
    with opened(path) as stream:
        return stream.read()


def _end_of_predecessor(name: str, lines: int, since: float, noted: Collection[int]) -> bytes:
    """Return the last lines of the file that was rotated away during the run that began at `since`, where no note tells of it."""
    for changed, path in siblings(name)[:1]:
        if changed >= since and os.stat(path).st_ino not in noted:
            return b"".join(_content(path).splitlines(keepends=True)[-lines:])
    return b""


def _left_in_predecessor(state: log_spool.ReadState, lines: int, since: Optional[float], noted: Collection[int]) -> bytes:
    """Return what a file that is no longer under its name, or was truncated, held after the place up to which it was read."""
    found = siblings(state.name)
    same = [path for _changed, path in found if os.stat(path).st_ino == state.inode]
    begun = os.stat(state.path).st_mtime if since is None else since
    alive = _status(os.path.join(os.path.dirname(state.path), "stats"))  # rsyslog writes there every few seconds
    for number, (changed, path) in enumerate(found):
        if path not in same and (same or number or changed < begun):
            continue
        content = _content(path)
        if len(content) >= state.offset:
            before = b"".join(content[: state.offset].splitlines(keepends=True)[-lines:]) if lines else b""
            # What came and went while nobody read.
            missed = [other for last, other in reversed(found[:number]) if alive is None or last >= alive.st_mtime - STATS_SECONDS]
            younger = [_content(other) for other in missed if os.stat(other).st_ino not in noted]
            return b"".join([before, content[state.offset :], *younger])
    return b""


def recover_rest(folder: str, path: str, offset: int) -> int:
    """Have the collector read what a rotated file has after a place, from the beginning of the line there; return how many lines.

    folder: where the collector looks. Raises OSError, and EOFError or zlib.error where the file is compressed and not whole.
    """
    with opened(path) as stream:
        stream.seek(max(0, offset - log_spool.BLOCK))
        before = stream.read(offset - stream.tell())
        text = before[before.rfind(b"\n") + 1 :] + stream.read(log_spool.BLOCK)
        if not text:
            return 0
        os.makedirs(folder, mode=0o700, exist_ok=True)
        place = os.path.join(folder, "%d.log" % time.time_ns())
        lines = 0
        with open(place + ".new", "wb") as target:
            while text:
                lines, last = lines + text.count(b"\n"), text
                target.write(text)
                text = stream.read(log_spool.BLOCK * 16)
            if not last.endswith(b"\n"):
                lines += target.write(b"\n")
    os.rename(place + ".new", place)
    return lines


def _recover(folder: str, text: bytes) -> None:
    os.makedirs(folder, mode=0o700, exist_ok=True)
    write(os.path.join(folder, "%d.log" % time.time_ns()), text if text.endswith(b"\n") else text + b"\n")


def write(path: str, text: bytes) -> None:
    """Write a file so that it is there whole or not at all. Raises OSError."""
    with open(path + ".new", "wb") as stream:
        stream.write(text)
    os.rename(path + ".new", path)


def _forget_recovered(folder: str, before: float) -> None:
    for path in glob.glob(os.path.join(glob.escape(folder), "*", "*.log")):
        with contextlib.suppress(OSError):
            if os.stat(path).st_mtime < before:
                os.unlink(path)


def _rewind_journal(path: str, lines: int, floor: str) -> int:
    """Have the journal be read again from some entries further back; return how many. floor: the cursor at which the run before began."""
    with open(path, encoding="utf-8") as stream:
        cursor, count = log_journal.back(stream.read().strip(), lines, floor)
    write(path, cursor.encode())
    return count
