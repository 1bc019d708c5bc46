# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths that nobody but root can turn elsewhere between two system calls.

A task of root often writes below a directory that somebody else owns (~/.ssh). Whoever owns it could put a link in its place
after it was looked at. So each parent is opened once, by a walk that follows no link but root's own, and everything then
happens relative to that open directory (openat(2), /proc/self/fd of proc(5)).
"""

from __future__ import annotations

import contextlib
import os
import stat
from typing import Dict, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils import file_content
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input

LINKS = 40  # the kernel's own limit, path_resolution(7)
DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


def open_directory(path: str, links: int = 0) -> int:
    """Open a directory by its absolute path. Raises BadInput for a link on the way that somebody other than root made."""
    trusted = {0, os.geteuid()}
    descriptor, walked = os.open("/", DIRECTORY), "/"
    try:
        parts = [part for part in path.split("/") if part]
        for number, name in enumerate(parts):
            info = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
            if stat.S_ISLNK(info.st_mode):
                if info.st_uid not in trusted or links >= LINKS:
                    remedy = "Remove the link, or write to the real path."
                    raise bad_input(
                        "the path %s" % path, os.path.join(walked, name), "a directory, not a link of uid %d" % info.st_uid, remedy
                    )
                target = os.path.normpath(os.path.join(walked, os.readlink(name, dir_fd=descriptor), *parts[number + 1 :]))
                return open_directory(target, links + 1)
            following = os.open(name, DIRECTORY, dir_fd=descriptor)
            os.close(descriptor)
            descriptor, walked = following, os.path.join(walked, name)
            refuse_open_to_all(path, walked, os.fstat(descriptor))
        return os.dup(descriptor)
    finally:
        os.close(descriptor)


def refuse_open_to_all(path: str, walked: str, info: os.stat_result) -> None:
    """Raise BadInput for a directory in which anybody may rename what others put there. /tmp and its like are sticky."""
    if info.st_mode & stat.S_IWOTH and not info.st_mode & stat.S_ISVTX:
        remedy = "Take the right away (chmod o-w %s), or write elsewhere." % walked
        raise bad_input("the path %s" % path, walked, "directories that not everybody may write to", remedy)


class Anchors:
    """The open parents of a set of paths."""

    def __init__(self) -> None:
        self._descriptors: Dict[str, int] = {}

    def parent(self, path: str) -> int:
        """Return the descriptor of the parent of `path`, opened on first use."""
        parent = os.path.dirname(path)
        if parent not in self._descriptors:
            self._descriptors[parent] = open_directory(parent)
        return self._descriptors[parent]

    def at(self, path: str) -> str:
        """Return a path to the same place that no change of its parents can turn elsewhere."""
        return "/proc/self/fd/%d/%s" % (self.parent(path), os.path.basename(path))

    def flush(self) -> None:
        """Flush every parent to the disk, so that the renames in it last."""
        for descriptor in self._descriptors.values():
            os.fsync(descriptor)

    def close(self) -> None:
        """Close the parents."""
        for descriptor in self._descriptors.values():
            os.close(descriptor)
        self._descriptors.clear()


def _keep_attributes(source: str, descriptor: int) -> None:
    """Carry extended attributes (an SELinux label, an ACL) over to the file that takes the place."""
    try:
        for name in os.listxattr(source, follow_symlinks=False):
            os.setxattr(descriptor, name, os.getxattr(source, name, follow_symlinks=False))
    except OSError:
        return  # the file system has none, or this one may not be set: the default label applies


def _label(path: str, descriptor: int, mode: int) -> None:
    """Give a new file the SELinux label of the policy for its final path, selinux(8); staged under another name it has none."""
    if not os.path.isdir("/sys/fs/selinux/booleans"):
        return
    from ansible.module_utils.compat import selinux  # pylint: disable=import-outside-toplevel

    code, label = selinux.matchpathcon(path, stat.S_IFREG | mode)
    if code == 0:
        with contextlib.suppress(OSError):
            os.setxattr(descriptor, "security.selinux", label.encode() + b"\0")


def write_durably(
    path: str,
    content: bytes,
    mode: int,
    uid: int = -1,
    gid: int = -1,
    like: Optional[str] = None,
    source: str = "",
    final: str = "",
) -> str:
    """Create `path` with its final owner and mode before its content, and flush it to the disk.

    like: a file whose extended attributes to take. source: a file whose content to take in the place of `content`; its SHA-256 is
    returned. final: the path it will have, for its SELinux label where `like` gives none.
    """
    descriptor, digest = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), ""
    with os.fdopen(descriptor, "wb") as stream:
        os.fchown(descriptor, uid, gid)
        if like is not None:
            _keep_attributes(like, descriptor)
        elif final:
            _label(final, descriptor, mode)
        if source:
            digest = file_content.copy(source, stream)
        else:
            stream.write(content)
        os.fchmod(descriptor, mode)
        stream.flush()
        os.fsync(descriptor)
    return digest


def flush_directory(path: str) -> None:
    """Flush a directory to the disk, so that renames in it last."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_durably(path: str, content: bytes, mode: int, uid: int = -1, gid: int = -1) -> None:
    """Put a file of root's own directories in place at once: readers see the old content or the new, a power loss leaves one of them."""
    staged = "%s.%d.new" % (path, os.getpid())
    with contextlib.suppress(FileNotFoundError):
        os.unlink(staged)
    try:
        write_durably(staged, content, mode, uid, gid, like=path if os.path.isfile(path) else None, final=path)
        os.replace(staged, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(staged)
        raise
    flush_directory(os.path.dirname(path))


def set_directory(path: str, uid: int, gid: int, mode: int) -> None:
    """Set owner and mode of a directory; a link in its place is refused by the kernel."""
    descriptor = os.open(path, DIRECTORY)
    try:
        os.fchown(descriptor, uid, gid)
        os.fchmod(descriptor, mode)
    finally:
        os.close(descriptor)
