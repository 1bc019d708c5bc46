# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host has of accounts and groups, as the plan of accounts looks at it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, List, Mapping, Optional, Sequence

NO_LOGIN = ("nologin", "false")
HUMANS = range(1000, 60000)  # UID_MIN and UID_MAX of login.defs(5) as distributions ship it


@dataclass(frozen=True)
class Traces:
    """What works for an account without anybody logged in, and what it leaves. crontab: its path. jobs: numbers of at.

    processes: some run as it. temporary: its directory of pam_tmpdir(8), empty where there is none.
    """

    crontab: str = ""
    jobs: Sequence[int] = field(default_factory=list)
    linger: bool = False
    processes: bool = False
    temporary: str = ""


@dataclass(frozen=True)
class User:
    """An account as the host has it. group: name of the primary group; groups: of the others. keys: text of its authorized_keys.

    locked: a ! stands before its password. expires: in days since 1970, None for never; shadow(5).
    shell_starts: its shell is a program of the host.
    """

    name: str
    uid: int
    group: str
    home: str
    shell: str
    comment: str
    groups: Sequence[str] = field(default_factory=list)
    keys: Optional[str] = None
    locked: bool = False
    expires: Optional[int] = None
    traces: Traces = field(default_factory=Traces)
    shell_starts: bool = True


@dataclass(frozen=True)
class Host:
    """What a host has. record: what earlier runs remembered. sudoers: names with a sudo drop-in of ours. in_use: who is connected.

    sudo_user: who called sudo for this run. shells: those of /etc/shells, empty where there is no such file.
    used_key: fingerprint of the key that opened the connection, empty where it is not known. archives: names in the directory of homes.
    """

    users: Mapping[str, User]
    groups: Sequence[str]
    record: Mapping[str, Any] = field(default_factory=dict)
    sudoers: Sequence[str] = field(default_factory=list)
    in_use: Sequence[str] = field(default_factory=list)
    sudo_user: str = ""
    shells: Sequence[str] = field(default_factory=list)
    used_key: str = ""
    archives: Sequence[str] = field(default_factory=list)

    def remembered(self, name: str) -> Optional[Mapping[str, Any]]:
        """Return what the record has about an account."""
        found: Optional[Mapping[str, Any]] = self.record.get("accounts", {}).get(name)
        return found

    def others(self, declared: Mapping[str, Any]) -> List[str]:
        """Return the accounts of people that are neither declared, nor in use, nor created by an earlier run."""
        return sorted(
            user.name
            for user in self.users.values()
            if user.uid in HUMANS
            and user.shell.rpartition("/")[2] not in NO_LOGIN
            and user.name not in declared
            and user.name not in self.in_use
            and not (self.remembered(user.name) or {}).get("created")
        )


def shells(text: Optional[str]) -> List[str]:
    """Return the shells that the text of /etc/shells lists."""
    lines = [line.partition("#")[0].strip() for line in (text or "").splitlines()]
    return [line for line in lines if line]
