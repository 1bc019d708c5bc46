# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What takes each command on accounts back, for the journal of the host."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils.account_host import Host, User
from ansible_collections.groundwork.fleet.plugins.module_utils.account_lock import kept


def of_usermod(command: Sequence[str], user: User) -> Dict[str, Any]:
    """Return the effect of one usermod: the lock with its expiry, or shell, comment and groups."""
    expires = "" if user.expires is None else str(user.expires)
    if "-L" in command:
        undo = ["usermod", *([] if user.locked else ["-U"]), "-e", expires, user.name]
        return {"undo": undo, "what": "the account %s was locked" % user.name}
    if "-e" in command:
        undo = ["usermod", *(["-L"] if user.locked else []), "-e", expires, user.name]
        return {"undo": undo, "what": "the account %s was unlocked" % user.name}
    undo = ["usermod", "-s", user.shell, "-c", user.comment, "-G", ",".join(user.groups), user.name]
    return {"undo": undo, "what": "the account %s was changed" % user.name}


def of_command(command: Sequence[str], host: Host) -> Dict[str, Any]:
    """Return the effect of one command. Ended sessions, jobs of at and a removed account do not come back."""
    program, name = command[0], command[-1]
    if program == "useradd":  # its home stays: by then it may hold somebody's work
        return {"undo": ["userdel", name], "what": "the account %s was created" % name}
    if program == "groupadd":
        return {"undo": ["groupdel", name], "what": "the group %s was created" % name}
    if program == "groupdel":
        return {"undo": ["groupadd", name], "what": "the group %s was removed" % name}
    if program == "usermod":
        return of_usermod(command, host.users[name])
    if program == "crontab" and command[3] != "-r":
        return {"undo": ["crontab", "-u", command[2], "-r"], "what": "the crontab of %s came back" % command[2]}
    if program == "crontab":
        return {"undo": ["crontab", "-u", command[2], kept(command[2])], "what": "the crontab of %s was removed" % command[2]}
    if program == "loginctl" and command[1] == "disable-linger":
        return {"undo": ["loginctl", "enable-linger", name], "what": "units of %s do not run without a session any more" % name}
    if program == "loginctl" and command[1] == "enable-linger":
        return {"undo": ["loginctl", "disable-linger", name], "what": "units of %s run without a session again" % name}
    if program == "atrm":
        return {"undo": [], "what": "jobs of at were removed: %s" % ", ".join(command[1:])}
    if program == "rm":
        return {"undo": [], "what": "%s was removed" % name}
    if program == "loginctl":
        return {"undo": [], "what": "the sessions of %s were ended" % name}
    return {"undo": [], "what": "the account %s was removed with its home" % name}


def effects(commands: Sequence[Sequence[str]], host: Host) -> List[Dict[str, Any]]:
    """Return what takes the commands back, for the journal. What only keeps something (install, tar) needs no way back."""
    return [of_command(command, host) for command in commands if command[0] not in ("install", "tar", "pkill")]
