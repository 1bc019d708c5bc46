# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No file of the local file systems has permissions that it should not have: set-id bits, no owner, everybody may write."""

from __future__ import annotations

import dataclasses
import fnmatch
import grp
import os
import pwd
import stat
from typing import Dict, Iterator, List, Optional, Sequence, Set, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, Relation, option, shared

KINDS = ("set_id", "world_writable", "not_sticky", "unowned")
# Not a disk of this host's own, or what a container made: those have users of their own.
FOREIGN = (
    "/proc",
    "/sys",
    "/dev",
    "/run",
    "/var/lib/docker",
    "/var/lib/containers",
    "/var/lib/containerd",
    "/var/lib/lxc",
    "/var/lib/machines",
)
LOCAL = ("ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "overlay", "tmpfs", "jfs", "reiserfs")
SHOWN = 10
none = Relation("without", lambda observed, _wanted: not observed)


@dataclasses.dataclass
class Options:
    """Options of an odd_files check."""

    kind: str = option(
        "set_id (SUID or SGID bit), world_writable (files), not_sticky (directories that everybody may write to, without the sticky bit) "
        "or unowned (of a user or group that does not exist)",
        expects=none,
        fact="found",
    )
    known: Optional[Sequence[str]] = option("paths, or patterns of paths, that are in order", None)
    root: str = option("where to begin", "/")


def _local(root: str) -> Set[int]:
    """Return the devices of local file systems, from mountinfo of proc(5)."""
    found = {os.stat(root).st_dev}
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as stream:
        for line in stream:
            words, _dash, rest = line.partition(" - ")
            if rest.split(" ", 1)[0] in LOCAL:
                major, minor = words.split(" ")[2].split(":")
                found.add(os.makedev(int(major), int(minor)))
    return found


def _numbers() -> Tuple[Set[int], Set[int]]:
    return {one.pw_uid for one in pwd.getpwall()}, {one.gr_gid for one in grp.getgrall()}


def _judged(info: os.stat_result, users: Set[int], groups: Set[int]) -> Iterator[str]:
    mode = info.st_mode
    if stat.S_ISLNK(mode):
        return
    if stat.S_ISREG(mode):
        if mode & (stat.S_ISUID | stat.S_ISGID) and mode & 0o111:
            yield "set_id"
        if mode & stat.S_IWOTH:
            yield "world_writable"
    if stat.S_ISDIR(mode) and mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        yield "not_sticky"
    if info.st_uid not in users or info.st_gid not in groups:
        yield "unowned"


def _walk(root: str, deadline: Deadline) -> Dict[str, List[str]]:
    """Return the odd files by kind. Raises TimeoutError at the deadline."""
    found: Dict[str, List[str]] = {kind: [] for kind in KINDS}
    devices, (users, groups) = _local(root), _numbers()
    left = [root]
    while left:
        directory = left.pop()
        if deadline.passed():
            raise TimeoutError("the walk came to %s, give it more time by `timeout`" % directory)
        try:
            entries = list(os.scandir(directory))
        except OSError:  # gone meanwhile, or a file system that answers nobody
            continue
        for entry in entries:
            try:
                info = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            if info.st_dev not in devices or entry.path in FOREIGN:
                continue
            for kind in _judged(info, users, groups):
                found[kind].append(entry.path)
            if stat.S_ISDIR(info.st_mode):
                left.append(entry.path)
    return found


def observe(options: Options, deadline: Deadline) -> Observation:
    """Walk the local file systems once for all checks of this type, and look at what was found."""
    if options.kind not in KINDS:
        raise ValueError("kind is %r; expected one of %s" % (options.kind, ", ".join(KINDS)))
    paths = sorted(shared("odd_files " + options.root, lambda: _walk(options.root, deadline))[options.kind])
    odd = [path for path in paths if not any(fnmatch.fnmatchcase(path, pattern) for pattern in options.known or [])]
    more = ["and %d more" % (len(odd) - SHOWN)] if len(odd) > SHOWN else []
    return Observation({"found": odd[:SHOWN] + more})
