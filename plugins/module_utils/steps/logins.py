# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell who can log in to the host."""

from __future__ import annotations

import contextlib
import grp
import os
import time
from typing import Any, Dict, List

from ansible_collections.groundwork.fleet.plugins.module_utils import account_observe, logins, processes, ssh_access
from ansible_collections.groundwork.fleet.plugins.module_utils.account_host import User
from ansible_collections.groundwork.fleet.plugins.module_utils.account_keys import keys_of
from ansible_collections.groundwork.fleet.plugins.module_utils.program_paths import located
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

ARGUMENTS: Dict[str, Any] = {"all": {"type": "bool", "default": False}}
LASTLOG = "/var/log/lastlog"
LASTLOG2 = "/var/lib/lastlog/lastlog2.db"
MOST_LOGINS = 5000
SECONDS = 60
ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}


def asked(*command: str) -> str:
    """Return what a program of the host says, nothing where it fails or is not there."""
    program = located(command[0])
    if program is None:
        return ""
    code, output = processes.answer([program, *command[1:]], SECONDS, env=ENVIRONMENT)
    return output if code == 0 else ""


def from_journal() -> Dict[str, Dict[str, Any]]:
    """Return the last logins that the journal has."""
    sources = ["--identifier=sshd", "--identifier=sshd-session", "--grep", "^Accepted "]
    options = ["--quiet", "--no-pager", "--reverse", "--lines=%d" % MOST_LOGINS, "--output=short-unix"]
    return logins.accepted(asked("journalctl", *options, *sources))


def from_lastlog(user: User) -> int:
    """Return the last login that lastlog(8) has, in seconds since 1970; 0 for none."""
    try:
        with open(LASTLOG, "rb") as stream:
            stream.seek(user.uid * logins.LASTLOG.size)
            return logins.lastlog_time(stream.read(logins.LASTLOG.size))
    except (OSError, OverflowError):
        return 0


def from_lastlog2() -> Dict[str, int]:
    """Return the last logins that lastlog2(8) has, in seconds since 1970 by name."""
    if not os.path.exists(LASTLOG2):
        return {}
    with contextlib.suppress(ImportError, OSError):
        import sqlite3  # pylint: disable=import-outside-toplevel  # not every Python has it

        with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect("file:%s?mode=ro" % LASTLOG2, uri=True)) as database:
            return {str(name): int(at or 0) for name, at in database.execute("SELECT Name, Time FROM Lastlog2")}
    return {}


def key_text(report: str, user: User) -> str:
    """Return the text of all key files of a user. Without sshd nothing is a key file."""
    paths = ssh_access.key_files(report, user.name, user.home, user.uid)
    return "\n".join(account_observe.read(path) or "" for path in paths)


def run(module: StepModule) -> None:
    """Ask sshd and sudo for each account; change nothing."""
    passwords, used, others = account_observe.passwords(), from_journal(), from_lastlog2()
    names = {group.gr_gid: group.gr_name for group in grp.getgrall()}
    today = time.strftime("%Y-%m-%d")
    found: List[Dict[str, Any]] = []
    for user in account_observe.users().values():
        # Who has no shell has no way in: sshd need not be asked.
        report = "" if logins.barred(user, today) else asked("sshd", "-T", "-C", "user=%s,host=localhost,addr=127.0.0.1" % user.name)
        groups = sorted({user.group, *user.groups} & set(names.values()))
        password = passwords.get(user.name, account_observe.NOBODY_KNOWS).kind
        facts = logins.account_facts(user, password, keys_of(key_text(report, user)), report, groups, used, today)
        if not facts["ways"] and not module.params["all"]:
            continue
        if facts["ways"] and user.uid:
            facts["sudo"] = logins.sudo_rules(asked("sudo", "-l", "-U", user.name))
        facts["last_login"] = max(facts["last_login"], logins.moment(from_lastlog(user)), logins.moment(others.get(user.name, 0)))
        found.append(facts)
    module.exit_json(changed=False, accounts=sorted(found, key=lambda facts: facts["uid"]))
