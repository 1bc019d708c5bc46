# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lists of packages that a host has, and the repositories they are of."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import stat
from typing import Dict, Iterable, Iterator, List, Mapping, Optional, Tuple

LISTS = "/var/lib/apt/lists"
SOURCES = ("/etc/apt/sources.list", "/etc/apt/sources.list.d", "/etc/apt/keyrings", "/etc/apt/trusted.gpg.d")


#: All that decides what an upgrade would bring: apt's configuration, sources and pins, the lists, what is installed and how it is marked.
DECIDING = ("/etc/apt", LISTS, "/var/lib/dpkg/status", "/var/lib/apt/extended_states")


def _seen(path: str) -> Iterator[str]:
    try:
        status = os.stat(path)
        yield "%s %d %d %d" % (path, status.st_mtime_ns, status.st_size, status.st_ino)
        if stat.S_ISDIR(status.st_mode):
            for name in sorted(os.listdir(path)):
                yield from _seen(os.path.join(path, name))
    except OSError:
        yield "%s is not there" % path


def state(paths: Iterable[str] = DECIDING) -> str:
    """Return a digest of when and how large each of these files is, and each below them: while it is the same, apt decides the same."""
    return hashlib.sha256("\n".join(line for path in paths for line in _seen(path)).encode()).hexdigest()


def changed_at() -> Optional[float]:
    """Return when the lists last changed, in seconds since 1970; None where there are none."""
    try:
        names = [name for name in os.listdir(LISTS) if "Packages" in name or "Release" in name]
    except OSError:
        return None
    return os.stat(LISTS).st_mtime if names else None


def sources() -> Tuple[str, float]:
    """Return a digest of the repository definitions and their newest change."""
    digest, newest = hashlib.sha256(), 0.0
    for top in SOURCES:
        paths = [os.path.join(top, name) for name in sorted(os.listdir(top))] if os.path.isdir(top) else [top]
        for path in paths:
            if os.path.isfile(path):
                newest = max(newest, os.stat(path).st_mtime)
                with open(path, "rb") as file:
                    digest.update(path.encode() + b"\0" + file.read() + b"\0")
    return digest.hexdigest(), newest


def parse_madison(text: str) -> Dict[str, List[str]]:
    """Parse `apt-cache madison NAME...`: the versions of each package that a repository offers."""
    found: Dict[str, List[str]] = {}
    for line in text.splitlines():
        fields = [field.strip() for field in line.split("|")]
        if len(fields) == 3 and not fields[2].endswith("Sources"):
            found.setdefault(fields[0], []).append(fields[1])
    return found


def without_version(wanted: Mapping[str, Optional[str]], madison: str) -> str:
    """Return a sentence for each package of which no repository has the version that is wanted, with the versions there are.

    wanted: name to version, with wildcards, or None. madison: what `apt-cache madison` said of them.
    """
    offered = parse_madison(madison)
    told = []
    for name, version in wanted.items():
        there = list(dict.fromkeys(offered.get(name, [])))
        if version and there and not any(fnmatch.fnmatchcase(one, version) for one in there):
            told.append(" %s is wanted as %r; there are: %s." % (name, version, ", ".join(there)))
    return "".join(told)
