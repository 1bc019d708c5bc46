# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the closed files of a log server are as they were when they were closed."""

from __future__ import annotations

import datetime
import json
import os
from typing import Any, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Set, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import log_chain, log_lines


class Verdict(NamedTuple):
    """problems: what is wrong, the first in the order of the chain first. entries, files: how many were looked at."""

    problems: List[str]
    entries: int
    files: int
    link: log_chain.Link


class _Reading:
    """What was met so far on the way along the chain."""

    def __init__(self) -> None:
        self.link = log_chain.Link(0, log_chain.NOTHING)
        self.kept: Dict[str, Dict[str, Any]] = {}
        self.keys: Dict[int, Tuple[str, str]] = {}
        self.seals: Dict[int, Tuple[int, str, str]] = {}
        self.forgotten: Set[Tuple[int, str]] = set()
        self.beginning = self.link
        self.problems: List[Tuple[int, str]] = []
        self.place = 0

    def wrong(self, text: str) -> None:
        self.problems.append((self.place, text))


def _seconds(text: object) -> float:
    try:
        return datetime.datetime.fromisoformat(str(text).replace("Z", "+00:00")).timestamp()
    except ValueError:
        return 0.0


def _name(entry: Mapping[str, Any]) -> str:
    return "entry %s (%s)" % (entry.get("n"), entry.get("file") or entry.get("kind"))


def _entry(reading: _Reading, path: str, line: bytes, authority: str) -> None:
    link = reading.link
    try:
        entry = json.loads(line)
        number, kind, previous = int(entry["n"]), str(entry["kind"]), str(entry["previous"])
    except (ValueError, KeyError, TypeError):
        reading.wrong("%s: the entry after number %d cannot be read: it was changed" % (path, link.number))
        reading.link = log_chain.Link(link.number + 1, log_chain.digest(line))
        return
    if link.number == 0 and number != 1:  # the months before are forgotten, or somebody removed them
        link = reading.beginning = log_chain.Link(number - 1, previous)
    if not reading.place:
        reading.place = number
    if number != link.number + 1:
        reading.wrong("%s follows number %d: entries in between were removed or reordered" % (_name(entry), link.number))
    elif previous != link.head:
        reading.wrong("entry %d, before %s, was changed or reordered" % (link.number, _name(entry)))
    reading.link = log_chain.Link(number, log_chain.digest(line))
    if kind == "closed":
        reading.kept[str(entry.get("file"))] = entry
    elif kind == "removed":
        reading.kept.pop(str(entry.get("file")), None)
    elif kind == "forgotten":
        reading.forgotten.add((int(entry.get("through", 0)), str(entry.get("head"))))
    elif kind == "key":
        why = log_chain.trusted(str(entry.get("certificate")), authority, _seconds(entry.get("at")))
        reading.keys[number] = (str(entry.get("certificate")), why)
    elif kind == "sealed":
        reading.seals[int(entry.get("key", 0))] = (number, previous, str(entry.get("signature")))


def _seals(reading: _Reading) -> Iterator[Tuple[int, str]]:
    """Yield what is wrong with the last seal by each key: it covers all entries before it."""
    for key, (number, head, signature) in reading.seals.items():
        certificate, why = reading.keys.get(key, ("", ""))
        if why:
            yield number, "entry %d is sealed by a certificate that is not of the authority: %s" % (number, why)
        elif certificate and not log_chain.signed(head, signature, certificate):
            yield number, "entry %d: the seal does not fit the entries before it" % number
        elif not certificate and reading.beginning.number < key:
            yield number, "entry %d is sealed by a key that the chain does not have" % number


def _files(directory: str, reading: _Reading) -> Iterator[Tuple[int, str]]:
    for name, entry in reading.kept.items():
        path = os.path.join(directory, name)
        try:
            found = log_chain.file_digest(path)
        except OSError as error:
            yield int(entry["n"]), "%s was removed: %s" % (name, error.strerror)
            continue
        if found != entry.get("sha256"):
            yield int(entry["n"]), "%s was changed: its SHA-256 is %s, the chain has %s" % (name, found, entry.get("sha256"))


def _foreign(directory: str, reading: _Reading) -> Iterator[str]:
    """Yield the closed files that the chain does not know. One of a later number is being closed just now, where there is a chain."""
    for host in log_lines.hosts(directory):
        for one in sorted(log_lines.files(directory, host), key=lambda entry: entry.name):
            name, told = "%s/%s" % (host, one.name), log_lines.archive(one.name)
            if told and name not in reading.kept and (told.number <= reading.link.number or not reading.link.number):
                yield "%s is not in the chain: it was added, renamed, or its entry was removed" % name


def verify(directory: str, authority: str, anchors: Iterable[Tuple[int, str]] = ()) -> Verdict:
    """Compare the chain with itself, with the files and with its ends as they were told elsewhere. Raises OSError, ChainError.

    authority: path of the certificate of the authority that seals have to be by. anchors: numbers and hashes of entries.
    """
    folder = os.path.join(directory, log_lines.OWN)
    reading, known = _Reading(), dict(anchors)
    entries = 0
    for path, line in log_chain.lines(folder):
        reading.place += bool(reading.place)
        _entry(reading, path, line, authority)
        entries += 1
        wanted = known.pop(reading.link.number, reading.link.head)
        if wanted != reading.link.head:
            reading.wrong("entry %d is not the one that was told elsewhere (head=%s)" % (reading.link.number, wanted))
    start = reading.beginning
    if start.number and (start.number, start.head) not in reading.forgotten:
        text = "the chain begins with entry %d; nothing in it tells that those before were removed when their time was over"
        reading.problems.append((0, text % (start.number + 1)))
    for number in sorted(known):
        if number > reading.link.number:
            text = "the chain ends with entry %d, though entry %d was told elsewhere: its end was removed"
            reading.wrong(text % (reading.link.number, number))
            break
    reading.problems += [*_seals(reading), *_files(directory, reading)]
    problems = [text for _number, text in sorted(reading.problems, key=lambda one: one[0])] + list(_foreign(directory, reading))
    return Verdict(problems, entries, len(reading.kept), reading.link)
