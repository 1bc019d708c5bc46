# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of a log server's files, the names of these files, and moments as people write them.

A line is RFC 5424 with times in UTC, so that times compare as bytes. Its first structured data element, `received@32473`, is the server's.
"""

from __future__ import annotations

import datetime
import os
import re
from typing import Dict, Iterator, List, NamedTuple, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input

STAMP = 26  # bytes of a time without its zone
LIVE = ".log"
CLOSING = ".log.closing"
OWN = ".groundwork"  # what the server keeps beside the hosts: no sender can make a file in it that does not end in .log
SEVERITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
_ELEMENT = rb'\[(?:[^\]"\\]|\\.|"(?:[^"\\]|\\.)*")*\]'
_HEAD = re.compile(rb"<(\d{1,3})>1 (\S+) (\S+) (\S+) (\S+) (\S+) (-|(?:" + _ELEMENT + rb")+)(?: (.*))?", re.DOTALL)
_RECEIVED = re.compile(rb'\[received@32473 time="([^"]*)" from="([^"]*)"\]')
_PARAMETER = re.compile(r'([^\s="\]]+)="((?:[^"\\]|\\.)*)"')
_ARCHIVE = re.compile(r"(.+)\.([0-9T]{15})-([0-9T]{15})\.(\d+)\.log\.gz")
_AGO = re.compile(r"-?(\d+)\s*(s|m|h|d|w)[a-z]*(?:\s+ago)?", re.IGNORECASE)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


class Line(NamedTuple):
    """A line of RFC 5424. severity: 0 (emerg) to 7. structured: the elements as they stand. message: without the line's end."""

    priority: int
    time: bytes
    host: bytes
    program: bytes
    process: bytes
    identifier: bytes
    structured: bytes
    message: bytes


class Archive(NamedTuple):
    """What the name of a closed file tells. first, last: the earliest and the latest time of its lines, `YYYYMMDDTHHMMSS` in UTC."""

    program: str
    first: str
    last: str
    number: int


def parse(line: bytes) -> Optional[Line]:
    """Return the parts of a line, None where it is not one of RFC 5424."""
    match = _HEAD.match(line.rstrip(b"\n"))
    if not match:
        return None
    priority, when, host, program, process, identifier, structured, message = match.groups()
    return Line(int(priority), when, host, program, process, identifier, structured, message or b"")


def stamp(line: bytes) -> bytes:
    """Return the time of a line so that it compares with others, empty where it has none."""
    start = line.find(b">1 ", 2, 7) + 3
    return line[start : start + STAMP] if start > 2 and line[start + 10 : start + 11] == b"T" else b""


def received(line: bytes) -> bytes:
    """Return when the server took a line, empty where it does not say so."""
    match = _RECEIVED.search(line)
    return match.group(1)[:STAMP] if match else b""


def seconds(when: bytes) -> float:
    """Return a time of a line in seconds since 1970. Raises ValueError."""
    text = when.decode("ascii", "replace").partition("+")[0].rstrip("Z")
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc).timestamp()


def labels(structured: bytes) -> Dict[str, Dict[str, str]]:
    """Return the parameters of structured data by the name of their element."""
    found: Dict[str, Dict[str, str]] = {}
    for element in re.findall(_ELEMENT, structured):
        text = element[1:-1].decode("utf-8", "replace")
        name = text.partition(" ")[0]
        # The server's own stands first: another one of that name is a forgery.
        found.setdefault(name, {key: re.sub(r'\\(["\\\]])', r"\1", value) for key, value in _PARAMETER.findall(text)})
    return found


def archive(name: str) -> Optional[Archive]:
    """Return what the name of a file tells, None where it is not that of a closed one."""
    match = _ARCHIVE.fullmatch(name)
    return Archive(match.group(1), match.group(2), match.group(3), int(match.group(4))) if match else None


def archive_name(program: str, first: bytes, last: bytes, number: int) -> str:
    """Return the name of a closed file. first, last: times of lines; without one it is the beginning and the end of all times."""
    times = [re.sub(rb"[^0-9T]", b"", when)[:15].decode() for when in (first or b"0001-01-01T00:00:00", last or b"9999-12-31T23:59:59")]
    return "%s.%s-%s.%d.log.gz" % (program, times[0], times[1], number)


def compact(when: bytes) -> str:
    """Return a time as it stands in names of closed files."""
    return re.sub(rb"[^0-9T]", b"", when)[:15].decode()


def hosts(directory: str) -> List[str]:
    """Return the names of the hosts that have files, sorted. Raises OSError."""
    return sorted(entry.name for entry in os.scandir(directory) if entry.name != OWN and entry.is_dir(follow_symlinks=False))


def files(directory: str, host: str) -> Iterator[os.DirEntry[str]]:
    """Yield the files of a host; none where it has gone meanwhile."""
    try:
        with os.scandir(os.path.join(directory, host)) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False):
                    yield entry
    except FileNotFoundError:
        return


def moment(text: str, where: str, now: float) -> bytes:
    """Return a moment as times of lines are written. Raises BadInput.

    text: `2026-11-26`, `2026-11-26 10:00[:00]` or `…T10:00:00Z` (UTC unless a zone like +01:00 is given), `now`, `today`, `yesterday`,
    or an age such as `15m`, `2h`, `3d ago`. now: in seconds since 1970.
    """
    given = text.strip()
    ago = _AGO.fullmatch(given)
    here = datetime.datetime.fromtimestamp(now, datetime.timezone.utc)
    try:
        if ago:
            found = here - datetime.timedelta(seconds=int(ago.group(1)) * _SECONDS[ago.group(2).lower()])
        elif given in ("now", "today", "yesterday"):
            days = {"now": 0, "today": 0, "yesterday": 1}[given]
            found = here if given == "now" else here.replace(hour=0, minute=0, second=0, microsecond=0) - datetime.timedelta(days=days)
        else:
            found = datetime.datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", given))
            found = (found if found.tzinfo else found.replace(tzinfo=datetime.timezone.utc)).astimezone(datetime.timezone.utc)
    except (ValueError, OverflowError):
        expected = "a moment such as 2026-11-26T10:00, yesterday or 2h"
        raise bad_input(where, text, expected, "Times are in UTC unless they name their zone.") from None
    return found.strftime("%Y-%m-%dT%H:%M:%S.%f").rjust(STAMP, "0").encode()
