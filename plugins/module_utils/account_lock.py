# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an account stops working, and how it works again: password, expiry, sessions, timers, crontab, jobs of at, home.

Sources: usermod(8), userdel(8), loginctl(1), crontab(1), atrm(1).
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils.account_host import Host, User

HOMES = "/var/lib/groundwork/homes"
EXPIRED = 1  # 1970-01-02: 0 is not the same everywhere, shadow(5)

Commands = List[List[str]]


def kept(name: str) -> str:
    """Return where the crontab of an account is kept."""
    return "%s/%s.crontab" % (HOMES, name)


def archive(name: str, day: str, host: Host) -> str:
    """Return the path of the archive of a home: with its day, and a number where the day has one already."""
    names = ["%s-%s%s.tar.gz" % (name, day, mark) for mark in ["", *("-%d" % number for number in range(2, 100))]]
    return "%s/%s" % (HOMES, next(one for one in names if one not in host.archives))


def is_locked(user: User) -> bool:
    """Tell whether an account is locked as `lock` does it."""
    return user.locked and user.expires == EXPIRED


def silence(user: User) -> Commands:
    """Return what ends all that works for an account: what would start again first, then what runs."""
    commands: Commands = []
    if user.traces.linger:
        commands.append(["loginctl", "disable-linger", user.name])
    if user.traces.crontab:
        commands.append(["install", "-d", "-m", "0700", HOMES])
        commands.append(["install", "-m", "0600", user.traces.crontab, kept(user.name)])
        commands.append(["crontab", "-u", user.name, "-r"])
    if user.traces.jobs:
        commands.append(["atrm", *(str(number) for number in user.traces.jobs)])
    if user.traces.processes:
        commands.append(["loginctl", "terminate-user", user.name])
        commands.append(["pkill", "-KILL", "-U", str(user.uid)])
    return commands


def lock(user: User) -> Commands:
    """Return what locks an account and ends all that works for it; nothing where it is so."""
    return ([] if is_locked(user) else [["usermod", "-L", "-e", str(EXPIRED), user.name]]) + silence(user)


def before_lock(user: User, remembered: Optional[Mapping[str, Any]] = None) -> Dict[str, Any]:
    """Return what has to be remembered to unlock an account again. remembered: what was, where it is locked already."""
    known = dict(remembered or {"password": user.locked, "expires": user.expires, "linger": False, "crontab": False})
    return {**known, "linger": known["linger"] or user.traces.linger, "crontab": known["crontab"] or bool(user.traces.crontab)}


def unlock(user: User, remembered: Optional[Mapping[str, Any]]) -> Commands:
    """Return what takes `lock` back. remembered: what `before_lock` gave, None for an account that was not locked here."""
    if remembered is None or (not user.locked and user.expires == remembered["expires"]):
        return []
    expires = "" if remembered["expires"] is None else str(remembered["expires"])
    commands = [["usermod", *([] if remembered["password"] else ["-U"]), "-e", expires, user.name]]
    if remembered["crontab"] and not user.traces.crontab:
        commands.append(["crontab", "-u", user.name, kept(user.name)])
    if remembered["linger"] and not user.traces.linger:
        commands.append(["loginctl", "enable-linger", user.name])
    return commands


def remove(user: User, keep_home: str, day: str, host: Host) -> Commands:
    """Return what removes an account with its home and its temporary directory, which the next one with its uid would own.

    keep_home: `archive` packs the home first, `delete` does not.
    """
    commands = silence(user)
    if keep_home == "archive":
        parent, _slash, base = user.home.rstrip("/").rpartition("/")
        pack = ["tar", "--create", "--gzip", "--one-file-system", "--file", archive(user.name, day, host), "--directory", parent or "/"]
        commands += [["install", "-d", "-m", "0700", HOMES], [*pack, "--", base]]
    commands.append(["userdel", "-r", user.name])
    if user.traces.temporary:  # last: by then nobody can make it again. rm does not follow links in it.
        commands.append(["rm", "-rf", "--one-file-system", "--", user.traces.temporary])
    return commands
