# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file exists as expected."""

from __future__ import annotations

import dataclasses
import grp
import os
import pwd
import stat
import time
from typing import Any, Dict, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils.health import (
    Deadline,
    Observation,
    at_least,
    at_most,
    contains,
    equal,
    matches,
    option,
)

_MOST = 16 * 1024 * 1024
_KINDS = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "directory",
    stat.S_IFLNK: "link",
    stat.S_IFSOCK: "socket",
    stat.S_IFIFO: "pipe",
    stat.S_IFBLK: "block device",
    stat.S_IFCHR: "character device",
}


@dataclasses.dataclass
class Options:
    """Options of a file check."""

    path: str = option("the path of the file or directory")
    exists: bool = option("whether it has to exist", True, expects=equal, presence=True)
    type: Optional[str] = option(
        "what it has to be: file, directory, link, socket, pipe, block device, character device",
        None,
        expects=equal,
        choices=tuple(_KINDS.values()),
    )
    mode: Optional[str] = option("its mode as a quoted octal number", None, expects=equal)
    owner: Optional[str] = option("its owner's name", None, expects=equal)
    group: Optional[str] = option("its group's name", None, expects=equal)
    target: Optional[str] = option("where the link leads", None, expects=equal)
    size: Optional[int] = option("how large it has to be at least", None, expects=at_least, unit="bytes")
    age: Optional[float] = option("how long ago it may have been written", None, expects=at_most, unit="seconds")
    contains: Optional[str] = option("a text it has to contain", None, expects=contains, fact="content")
    matches: Optional[str] = option("a regular expression that has to be found in it", None, expects=matches, fact="content")
    sha256: Optional[str] = option("its checksum", None, expects=equal)


def _owners(status: os.stat_result) -> Dict[str, str]:
    names = {"owner": str(status.st_uid), "group": str(status.st_gid)}
    try:
        names["owner"] = pwd.getpwuid(status.st_uid).pw_name
        names["group"] = grp.getgrgid(status.st_gid).gr_name
    except KeyError:  # nobody has the number
        pass
    return names


def _content(options: Options) -> Dict[str, Any]:
    facts: Dict[str, Any] = {}
    with open(options.path, "rb") as stream:
        if options.contains is not None or options.matches is not None:
            facts["content"] = stream.read(_MOST).decode("utf-8", "replace")
        if options.sha256 is not None:
            import hashlib  # pylint: disable=import-outside-toplevel

            stream.seek(0)
            digest = hashlib.sha256()
            for part in iter(lambda: stream.read(1024 * 1024), b""):
                digest.update(part)
            facts["sha256"] = digest.hexdigest()
    return facts


def observe(options: Options, _deadline: Deadline) -> Observation:
    """Look at the file, and read it only when its content matters."""
    as_link = options.target is not None or options.type == "link"
    try:
        status = os.lstat(options.path) if as_link else os.stat(options.path)
    except (FileNotFoundError, NotADirectoryError):
        return Observation({"exists": False}, note="a link that leads nowhere" if os.path.islink(options.path) else "")
    facts: Dict[str, Any] = {"exists": True, "mode": "%04o" % stat.S_IMODE(status.st_mode), "size": status.st_size}
    facts.update(_owners(status), type=_KINDS.get(stat.S_IFMT(status.st_mode), "other"), age=max(time.time() - status.st_mtime, 0.0))
    if stat.S_ISLNK(status.st_mode):
        facts["target"] = os.readlink(options.path)
    if options.contains is not None or options.matches is not None or options.sha256 is not None:
        if not stat.S_ISREG(status.st_mode):  # reading a pipe would wait for its writer
            return Observation(facts, note="not a regular file")
        facts.update(_content(options))
    return Observation(facts, identity="%d %d" % (status.st_ino, status.st_mtime_ns))
