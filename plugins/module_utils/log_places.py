# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far the sources of logs are read, as one engine of the log shipping has noted it, in the form of the other.

rsyslog notes the inode of a file and a place in it (log_spool.py). The OpenTelemetry Collector notes the first bytes of a file and a place
in it, in `STATE/otelcol/places`: a file of bbolt for each receiver, with a protobuf message (pkg/stanza/fileconsumer, checkpoint.proto).
Of the journal both note the cursor.
"""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
import os
from typing import Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import log_bolt, log_digest, log_journal, log_recovery, log_spool

FINGERPRINT = 1000  # the collector's fingerprint_size
FILES, CURSOR = b"file_input.knownFiles", b"journald_input.lastReadCursor"
PACKED = (".gz", ".bz2", ".xz", ".zst", ".Z")
#: The receiver of files has had two names; which of them its storage bears depends on the version.
FILE_RECEIVERS = ("receiver_filelog_%s", "receiver_file_log_%s")
JOURNAL_RECEIVER = "receiver_journald_journal"


class Known(NamedTuple):
    """What the collector knows of a file: its first bytes, and the place up to which it is read."""

    begin: bytes
    place: int


def _number(data: bytes, at: int) -> Tuple[int, int]:
    found, shift = 0, 0
    while True:
        byte = data[at]
        found, at, shift = found | (byte & 0x7F) << shift, at + 1, shift + 7
        if not byte & 0x80:
            return found, at


def _fields(data: bytes) -> Iterator[Tuple[int, int, bytes]]:
    """Yield number, integer and bytes of each field of a protobuf message."""
    at = 0
    while at < len(data):
        tag, at = _number(data, at)
        value, text = 0, b""
        if tag & 7 == 0:
            value, at = _number(data, at)
        elif tag & 7 == 2:
            size, at = _number(data, at)
            text, at = data[at : at + size], at + size
        else:
            at += 8 if tag & 7 == 1 else 4
        yield tag >> 3, value, text


def decoded(data: bytes) -> List[Known]:
    """Return the files of a note of the collector. Raises log_bolt.Damaged."""
    found = []
    try:
        for number, _value, one in _fields(data):
            if number == 1:
                parts = {field: (value, text) for field, value, text in _fields(one)}
                begin = {field: text for field, _value, text in _fields(parts.get(1, (0, b""))[1])}.get(1, b"")
                found.append(Known(begin, parts.get(2, (0, b""))[0]))
    except IndexError as error:
        raise log_bolt.Damaged("a note of files ends in the middle") from error
    return found


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _text(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def encoded(files: Sequence[Known]) -> bytes:
    """Return a note of the collector."""
    return b"".join(_text(1, _text(1, _text(1, one.begin)) + (b"\x10" + _varint(one.place) if one.place else b"")) for one in files)


def candidates(patterns: Sequence[str]) -> Iterator[Tuple[str, bool]]:
    """Yield the files of an input and those that were rotated away, with whether a file is one of these."""
    own = [path for pattern in patterns for path in glob.glob(pattern) if os.path.isfile(path) and not path.endswith(PACKED)]
    seen = set(own)
    for path in own:
        yield path, False
    rotated = [path for pattern in patterns if not pattern.endswith("*") for path in glob.glob(pattern + "[.-][0-9]*")]
    for path in rotated:
        if path not in seen and os.path.isfile(path) and not path.endswith(PACKED):
            seen.add(path)
            yield path, True


def _begin(path: str) -> bytes:
    with open(path, "rb") as stream:
        return stream.read(FINGERPRINT)


def _note(state: log_spool.ReadState) -> int:
    """Return the place at which what rsyslog has not handed on begins: before the part of a line that it holds."""
    with contextlib.suppress(OSError, ValueError):
        with open(state.path, encoding="utf-8", errors="surrogateescape") as stream:
            note = json.load(stream)
        if note.get("prev_line_segment") or note.get("prev_msg_segment"):
            return min(int(note["strt_offs"]), state.offset)
    return state.offset


def from_rsyslog(patterns: Sequence[str], states: Mapping[int, log_spool.ReadState]) -> List[Known]:
    """Return what the collector has to know of the files of an input. states: rsyslog's notes by inode.

    A file that rsyslog has not begun is left out, so the collector reads it; one that was rotated away before counts as read.
    """
    found = []
    for path, rotated in candidates(patterns):
        with contextlib.suppress(OSError):
            status, begin = os.stat(path), _begin(path)
            state = states.get(status.st_ino)
            if state is not None and not log_digest.is_of(state.path, begin):
                state = None  # of a file that had the inode before
            if begin and state is not None and _note(state) <= status.st_size:
                found.append(Known(begin, _note(state)))
            elif begin and rotated and state is None:
                found.append(Known(begin, status.st_size))
    return found


def place_of(begin: bytes, known: Sequence[Known]) -> Optional[int]:
    """Return up to which place a file is read, None where the collector has not begun it."""
    fits = [one for one in known if one.begin and begin.startswith(one.begin)]
    return max(fits, key=lambda one: (len(one.begin), one.place)).place if fits else None


def to_rsyslog(state: str, name: str, patterns: Sequence[str], known: Sequence[Known]) -> int:
    """Note for rsyslog how far the files of an input are read; what is left of rotated ones is put where it reads. Returns how many."""
    folder, count = os.path.join(state, "collect"), 0
    for path, rotated in candidates(patterns):
        with contextlib.suppress(FileNotFoundError):
            status = os.stat(path)
            place = place_of(_begin(path), known)
            if place is None or place > status.st_size:
                continue
            count += 1
            if rotated:
                log_recovery.recover_rest(os.path.join(state, "recovered", name), path, place)
                continue
            for old in glob.glob("%s/imfile-state:%d*" % (glob.escape(folder), status.st_ino)):
                os.unlink(old)
            note = {"filename": path, "prev_was_nl": 0, "curr_offs": place, "strt_offs": place}
            # Without a digest in its name rsyslog takes it for this inode, and names it anew (imfile.c, openFileWithStateFile).
            log_recovery.write(os.path.join(folder, "imfile-state:%d" % status.st_ino), json.dumps(note).encode())
    return count


def names_of(state: str, name: str) -> List[str]:
    """Return the files in which the collector may note the places of an input."""
    return [os.path.join(state, "otelcol", "places", one % name) for one in FILE_RECEIVERS]


def noted(paths: Sequence[str]) -> Dict[bytes, bytes]:
    """Return what the newest of some files has; nothing where there is none, or it is damaged."""
    there = sorted((path for path in paths if os.path.exists(path)), key=lambda path: os.stat(path).st_mtime)
    with contextlib.suppress(log_bolt.Damaged):
        return log_bolt.read(there[-1]) if there else {}
    os.rename(there[-1], there[-1] + ".damaged")
    return {}


def told(state: str) -> str:
    """Return how far the collector has read, as it has noted it: a line for each receiver, and the cursor of the journal last."""
    folder, lines, cursor = os.path.join(state, "otelcol", "places"), [], b""
    for path in sorted(glob.glob(os.path.join(glob.escape(folder), "receiver_*"))):
        known = {}
        with contextlib.suppress(OSError, log_bolt.Damaged):
            known = log_bolt.read(path)
        cursor = known.get(CURSOR, cursor)
        lines += ["%s %s" % (os.path.basename(path), hashlib.sha256(known[FILES]).hexdigest())] if FILES in known else []
    return "\n".join([*lines, cursor.decode()]) if lines or cursor else ""


def before_collector(state: str, inputs: Mapping[str, Sequence[str]], lines: int, floor: str = "") -> Iterator[str]:
    """Make ready what the collector reads; yield what there is to tell. lines: of the journal that it reads again after an unclean end.

    floor: the cursor at which the run that ended so began, before which nothing is read again.
    Where rsyslog has collected before, its places are taken over and its notes removed. Raises OSError.
    """
    collect = os.path.join(state, "collect")
    handed = os.path.join(collect, "imjournal.state")
    notes = log_spool.read_states(collect)
    states = {one.inode: one for one in notes}
    os.makedirs(os.path.join(state, "otelcol", "places"), exist_ok=True)
    for name, patterns in inputs.items():
        paths, all_patterns = names_of(state, name), [*patterns, os.path.join(state, "recovered", name, "*.log")]
        if notes or not noted(paths):
            known = from_rsyslog(all_patterns, states)
            for path in paths:
                log_bolt.write(path, {FILES: encoded(known)})
            if notes:
                yield "input %s: taken over from rsyslog, %d files" % (name, len(known))
    journal = os.path.join(state, "otelcol", "places", JOURNAL_RECEIVER)
    cursor, lost = noted([journal]).get(CURSOR, b"").decode(), lines
    if os.path.exists(handed):
        with open(handed, encoding="utf-8") as stream:
            cursor, lost = stream.read().strip(), 0  # log_recovery has gone back in it already
    if not cursor:
        cursor = next(iter(log_journal.cursors("--lines=1")), "")
    elif lost:
        cursor, _count = log_journal.back(cursor, lost, floor)
    if cursor and (lost or os.path.exists(handed) or not os.path.exists(journal)):
        log_bolt.write(journal, {CURSOR: cursor.encode()})
    for path in [*(path for path, _inode in log_spool.notes(collect)), *([handed] if os.path.exists(handed) else [])]:
        os.unlink(path)


def before_rsyslog(state: str, inputs: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Take over for rsyslog what the collector has read, where it was there before; yield what there is to tell. Raises OSError."""
    places = os.path.join(state, "otelcol", "places")
    if not os.path.isdir(places):
        return
    for name, patterns in inputs.items():
        known = decoded(noted(names_of(state, name)).get(FILES, b""))
        recovered = os.path.join(state, "recovered", name, "*.log")
        count = to_rsyslog(state, name, [*patterns, recovered], known)
        yield "input %s: taken over from the collector, %d files" % (name, count)
    cursor = noted([os.path.join(places, JOURNAL_RECEIVER)]).get(CURSOR, b"")
    if cursor:
        log_recovery.write(os.path.join(state, "collect", "imjournal.state"), cursor)
    for path in glob.glob(glob.escape(places) + "/*"):
        os.unlink(path)
    os.rmdir(places)
