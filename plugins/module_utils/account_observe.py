# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads from a host what it has of accounts: passwd(5), shadow(5), group(5), keys, crontabs, jobs of at, processes. Runs no program."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from typing import Dict, List, NamedTuple, Optional, Set

from ansible_collections.groundwork.fleet.plugins.module_utils.account_host import Traces, User

CRONTABS = ("/var/spool/cron/crontabs", "/var/spool/cron")
JOBS = ("/var/spool/cron/atjobs", "/var/spool/at")
LINGER = "/var/lib/systemd/linger"
SHADOW = "/etc/shadow"
PROCESSES = "/proc"
TEMPORARY = "/tmp/user"  # noqa: S108  # of libpam-tmpdir: root's, with a directory for each uid
LONGEST = 1024 * 1024  # bytes of a file that belongs to somebody else


class Password(NamedTuple):
    """What shadow(5) says of an account, without the hash. kind: `set`, `none` (no password fits), `empty`. expires: days, None: never."""

    kind: str
    locked: bool
    expires: Optional[int]


NOBODY_KNOWS = Password("none", False, None)


def read(path: str) -> Optional[str]:
    """Return the text of a file, None where there is none. A link is not followed: its owner may point it anywhere."""
    try:
        # Not blocking: whoever owns the place may put a pipe there.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, encoding="utf-8", errors="replace") as stream:
        info = os.fstat(descriptor)
        return stream.read() if stat.S_ISREG(info.st_mode) and info.st_size <= LONGEST else None


def names(directory: str) -> List[str]:
    """Return what stands in a directory, nothing where there is none."""
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []


def password(field: str, expires: str) -> Password:
    """Return what the second and the eighth field of a line of shadow(5) mean."""
    text = field.lstrip("!")
    kind = "set" if text.startswith("$") or len(text) >= 13 else "none" if field else "empty"
    return Password(kind, field.startswith("!"), int(expires) if expires.isdigit() else None)


def passwords() -> Dict[str, Password]:
    """Return what shadow(5) says of each account; nothing of it is a secret."""
    found = {}
    for line in (read(SHADOW) or "").splitlines():
        fields = line.split(":")
        if len(fields) >= 8:
            found[fields[0]] = password(fields[1], fields[7])
    return found


def crontabs() -> Dict[str, str]:
    """Return the accounts with a crontab, and its path."""
    found: Dict[str, str] = {}
    for directory in CRONTABS:
        for name in names(directory):
            path = os.path.join(directory, name)
            if os.path.isfile(path) and not os.path.islink(path):
                found.setdefault(name, path)
    return found


def jobs() -> Dict[int, List[int]]:
    """Return the numbers of the jobs of at by their owner's uid. Their files are named by queue, number and time in hexadecimal."""
    found: Dict[int, List[int]] = {}
    for directory in JOBS:
        for name in names(directory):
            try:
                info, number = os.lstat(os.path.join(directory, name)), int(name[1:6], 16)
            except (OSError, ValueError):
                continue
            if len(name) == 14 and name[0] != "=" and stat.S_ISREG(info.st_mode):
                found.setdefault(info.st_uid, []).append(number)
    return found


def running() -> Set[int]:
    """Return the uids with a process."""
    found = set()
    for name in names(PROCESSES):
        if name.isdigit():
            try:
                found.add(os.stat(os.path.join(PROCESSES, name)).st_uid)
            except OSError:  # it has ended
                continue
    return found


def starts(shell: str) -> bool:
    """Tell whether a login shell is a program of the host, as sshd asks (its auth.c); an empty one is /bin/sh, passwd(5)."""
    try:
        mode = os.stat(shell or "/bin/sh").st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(mode) and bool(mode & 0o111)


def temporary(uid: int, directory: str = "") -> str:
    """Return the temporary directory of libpam-tmpdir that belongs to an account, empty where there is none. Links are not followed.

    directory: where those of all accounts stand, TEMPORARY by default; one that others than root may write to is not trusted.
    """
    parent = directory or TEMPORARY
    path = os.path.join(parent, str(uid))
    try:
        above, info = os.lstat(parent), os.lstat(path)
    except OSError:
        return ""
    trusted = stat.S_ISDIR(above.st_mode) and above.st_uid == 0 and not above.st_mode & 0o022
    return path if trusted and stat.S_ISDIR(info.st_mode) and info.st_uid == uid else ""


def users() -> Dict[str, User]:
    """Return all accounts of the host."""
    groups = grp.getgrall()
    numbers = {group.gr_gid: group.gr_name for group in groups}
    shadow, tables, queue, busy, lingering = passwords(), crontabs(), jobs(), running(), names(LINGER)
    found = {}
    for entry in pwd.getpwall():
        secret = shadow.get(entry.pw_name, NOBODY_KNOWS)
        found[entry.pw_name] = User(
            name=entry.pw_name,
            uid=entry.pw_uid,
            group=numbers.get(entry.pw_gid, str(entry.pw_gid)),
            home=entry.pw_dir,
            shell=entry.pw_shell,
            comment=entry.pw_gecos,
            groups=sorted(group.gr_name for group in groups if entry.pw_name in group.gr_mem),
            keys=read(os.path.join(entry.pw_dir, ".ssh", "authorized_keys")) if entry.pw_uid else None,
            locked=secret.locked,
            expires=secret.expires,
            traces=Traces(
                crontab=tables.get(entry.pw_name, ""),
                jobs=sorted(queue.get(entry.pw_uid, [])),
                linger=entry.pw_name in lingering,
                processes=entry.pw_uid in busy,
                temporary=temporary(entry.pw_uid),
            ),
            shell_starts=starts(entry.pw_shell),
        )
    return found
