# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No account is what no account should be. The passwords themselves are never shown."""

from __future__ import annotations

import dataclasses
import os
import stat
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, Relation, option

_NO_SHELL = ("nologin", "false", "sync", "shutdown", "halt", "git-shell")
_STRONG = ("$y$", "$gy$", "$7$", "$2b$", "$2y$", "$6$")
_START_FILES = (".bashrc", ".profile", ".bash_login", ".bash_profile", ".zshrc", ".cshrc")


class Account(NamedTuple):
    """A line of passwd, with the fields of shadow that say nothing about a password."""

    name: str
    uid: int
    gid: int
    home: str
    shell: str
    hash: str  # its method only, "" for none, "!" for one that no password meets
    maximum: str


class Tables(NamedTuple):
    """What the account files say."""

    accounts: List[Account]
    groups: List[List[str]]
    highest_system_uid: int


def _fields(path: str) -> List[List[str]]:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return [line.rstrip("\n").split(":") for line in stream if line.strip() and not line.startswith("#")]
    except FileNotFoundError:
        return []


def _method(password: Optional[str]) -> str:
    if password is None or password[:1] in ("!", "*", "x"):
        return "!"
    return password[: password.find("$", 1) + 1] if password.startswith("$") else password and "an old one"


def _tables(directory: str) -> Tables:
    shadow = {fields[0]: fields for fields in _fields(os.path.join(directory, "shadow")) if len(fields) > 4}
    accounts = []
    for fields in _fields(os.path.join(directory, "passwd")):
        if len(fields) < 7 or not (fields[2].isdigit() and fields[3].isdigit()):
            accounts.append(Account(fields[0], -1, -1, "", "", "!", ""))
            continue
        known = shadow.get(fields[0])
        method = _method(known[1] if known and fields[1] == "x" else fields[1])
        home, shell = fields[5], fields[6] or "/bin/sh"
        accounts.append(Account(fields[0], int(fields[2]), int(fields[3]), home, shell, method, known[4] if known else ""))
    first = [fields[0].split() for fields in _fields(os.path.join(directory, "login.defs"))]
    minimum = [int(words[1]) for words in first if words[:1] == ["UID_MIN"] and words[1].isdigit()]
    return Tables(accounts, _fields(os.path.join(directory, "group")), (minimum or [1000])[-1] - 1)


def _person(account: Account, tables: Tables) -> bool:
    return account.uid > tables.highest_system_uid and account.uid < 65534 and _can_log_in(account)


def _can_log_in(account: Account) -> bool:
    return os.path.basename(account.shell) not in _NO_SHELL


def _twice(values: Sequence[object]) -> List[object]:
    return [value for value in values if values.count(value) > 1]


def _mode(path: str) -> int:
    try:
        info = os.lstat(path)
        return 0 if stat.S_ISLNK(info.st_mode) else stat.S_IMODE(info.st_mode)
    except OSError:
        return 0


def _ends(account: Account) -> bool:
    return account.maximum.isdigit() and int(account.maximum) <= 365


def _start_file_open(account: Account) -> bool:
    try:
        own = os.lstat(account.home).st_uid == account.uid
    except OSError:
        own = False
    return own and any(_mode(os.path.join(account.home, name)) & 0o037 for name in _START_FILES)


def _duplicates(tables: Tables) -> List[str]:
    uids, names = [account.uid for account in tables.accounts], [account.name for account in tables.accounts]
    found = [account.name for account in tables.accounts if account.uid in _twice(uids) or account.name in _twice(names)]
    gids, groups = [fields[2] for fields in tables.groups if len(fields) > 2], [fields[0] for fields in tables.groups]
    doubled = [fields[0] for fields in tables.groups if fields[0] in _twice(groups) or (len(fields) > 2 and fields[2] in _twice(gids))]
    return found + ["group " + name for name in doubled]


def _select(judge: Callable[[Account, Tables], bool]) -> Callable[[Tables], List[str]]:
    return lambda tables: [account.name for account in tables.accounts if judge(account, tables)]


_KINDS: Dict[str, Callable[[Tables], List[str]]] = {
    "without_password": _select(lambda account, _tables: account.hash == ""),
    "uid_zero": _select(lambda account, _tables: account.uid == 0),
    "duplicate_ids": _duplicates,
    "malformed": _select(lambda account, _tables: account.uid < 0 or account.name.startswith("+")),
    "system_account_with_shell": _select(lambda account, tables: 0 < account.uid <= tables.highest_system_uid and _can_log_in(account)),
    "weak_hash": _select(lambda account, _tables: account.hash not in ("", "!") and not account.hash.startswith(_STRONG)),
    "group_missing": _select(
        lambda account, tables: account.gid >= 0 and str(account.gid) not in [fields[2] for fields in tables.groups if len(fields) > 2]
    ),
    "home_missing": _select(lambda account, tables: _person(account, tables) and not os.path.isdir(account.home)),
    "home_open": _select(lambda account, tables: _person(account, tables) and bool(_mode(account.home) & 0o027)),
    "start_file_open": _select(lambda account, tables: _person(account, tables) and _start_file_open(account)),
    "with_password": _select(lambda account, _tables: account.hash != "!"),
    "root_password_never_ends": _select(lambda account, _tables: account.uid == 0 and not _ends(account)),
    "password_never_expires": _select(lambda account, _tables: account.hash not in ("", "!") and not _ends(account)),
}

_none_but = Relation("none but", lambda observed, wanted: set(observed) <= set(wanted))


@dataclasses.dataclass
class Options:
    """Options of an accounts check."""

    find: str = option("what to look for: %s" % ", ".join(sorted(_KINDS)))
    accounts: Sequence[str] = option("the accounts that may be so", [], expects=_none_but)
    directory: str = option("where the account files stand", "/etc")


def observe(options: Options, _deadline: Deadline) -> Observation:
    """Read passwd, group and shadow; only local accounts are looked at."""
    if options.find not in _KINDS:
        raise ValueError("find is %r; expected one of %s" % (options.find, ", ".join(sorted(_KINDS))))
    return Observation({"accounts": _KINDS[options.find](_tables(options.directory))}, note=options.find.replace("_", " "))
