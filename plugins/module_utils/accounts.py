# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts and groups: what has to be done to bring a host from what it is to what is declared, and what to remember for the way back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils import account_lock
from ansible_collections.groundwork.fleet.plugins.module_utils.account_host import Host, User
from ansible_collections.groundwork.fleet.plugins.module_utils.account_keys import merged_keys
from ansible_collections.groundwork.fleet.plugins.module_utils.account_refusals import place, refuse, refuse_removal
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input

DEFAULT_SHELL = "/bin/bash"
NO_SHELL = "/usr/sbin/nologin"
NO_HOME = "/nonexistent"


@dataclass
class Plan:
    """What has to be done, in order. keys: name to home, group and text of authorized_keys. kept: not ours, not removed.

    groups: created by us. members: the groups of accounts whose groups are declared, by name, the primary one among them.
    locked: accounts that nobody can use; undeclared: those among them that were created here and are not declared any more.
    """

    commands: List[List[str]] = field(default_factory=list)
    accounts: Dict[str, Any] = field(default_factory=dict)
    groups: List[str] = field(default_factory=list)
    members: Dict[str, List[str]] = field(default_factory=dict)
    keys: Dict[str, Dict[str, Any]] = field(default_factory=dict)
    removed: List[str] = field(default_factory=list)
    kept: List[str] = field(default_factory=list)
    locked: List[str] = field(default_factory=list)
    undeclared: List[str] = field(default_factory=list)

    def record(self) -> Dict[str, Any]:
        """Return what has to be remembered."""
        return {"accounts": self.accounts, "groups": self.groups} if self.accounts or self.groups else {}


def home_of(name: str, account: Mapping[str, Any]) -> str:
    """Return the home that a new account gets."""
    return str(account.get("home") or (NO_HOME if account.get("service") else "/home/" + name))


def create(name: str, account: Mapping[str, Any], host: Host) -> List[str]:
    """Return the command that creates an account. Raises BadInput where its uid or its group's name is taken."""
    where, service = place(name, account), bool(account.get("service"))
    if name in host.groups:
        raise bad_input(where, name, "a name that no group has", "The account gets a group of its own name, and there is one already.")
    for user in host.users.values():
        if account["uid"] is not None and user.uid == account["uid"]:
            raise bad_input(where + ".uid", account["uid"], "a free number", "It belongs to %r." % user.name)
    home = home_of(name, account)
    # '*': no password fits, yet sshd without PAM does not take the account for locked as it would with '!'. Without a password there is
    # nothing to expire: PASS_MAX_DAYS of login.defs would lock the account for keys too.
    command = ["useradd", *(["--system"] if service else []), "-M" if home == NO_HOME else "-m", "-U", "-d", home, "-p", "*"]
    command += ["-K", "PASS_MAX_DAYS=-1", "-K", "PASS_MIN_DAYS=-1"]
    command += ["-s", account["shell"] or (NO_SHELL if service else DEFAULT_SHELL), "-c", account["comment"] or ""]
    if account["uid"] is not None:
        command += ["-u", str(account["uid"])]
    if account["groups"]:
        command += ["-G", ",".join(sorted(account["groups"]))]
    return [*command, name]


def further_groups(account: Mapping[str, Any], user: User, ours: bool) -> List[str]:
    """Return the groups that an account will have besides its primary one. Those of an account that is not ours only grow."""
    declared = set(user.groups if account["groups"] is None else account["groups"])
    return sorted((declared if ours else declared | set(user.groups)) - {user.group})


def alter(name: str, account: Mapping[str, Any], user: User, ours: bool) -> Optional[List[str]]:
    """Return the command that brings an account to what is declared, None where it is."""
    if account["uid"] not in (None, user.uid):
        remedy = "Its files belong to that number; it is not changed."
        raise bad_input(place(name, account) + ".uid", account["uid"], "%d, which the account has" % user.uid, remedy)
    command = []
    if account["shell"] not in (None, user.shell):
        command += ["-s", account["shell"]]
    if account["comment"] not in (None, user.comment):
        command += ["-c", account["comment"]]
    if account["groups"] is not None:
        groups = further_groups(account, user, ours)
        if groups != sorted(user.groups):
            command += ["-G", ",".join(groups)]
    return ["usermod", *command, name] if command else None


def originals(user: User) -> Dict[str, Any]:
    """Return what has to be remembered of an account that was there before."""
    return {"created": False, "shell": user.shell, "comment": user.comment, "groups": sorted(user.groups), "keys": user.keys}


def keep_keys(user: User, text: Optional[str], result: Plan) -> None:
    """Add to the plan what the authorized_keys of an account should have, None for no file."""
    if text is not None or user.keys is not None:
        result.keys[user.name] = {"home": user.home, "group": user.group, "text": text}


def release(name: str, host: Host, result: Plan, keep_home: str = "delete", day: str = "") -> None:
    """Undo what was done to an account: remove it with its home if it was created, put the old values back otherwise."""
    remembered, user = host.remembered(name), host.users.get(name)
    if remembered is None or user is None:
        return
    if remembered["created"]:
        result.commands += account_lock.remove(user, keep_home if user.home != NO_HOME else "delete", day, host)
        result.removed.append(name)
        return
    result.commands += account_lock.unlock(user, remembered.get("locked"))
    command = []
    if user.shell != remembered["shell"]:
        command += ["-s", remembered["shell"]]
    if user.comment != remembered["comment"]:
        command += ["-c", remembered["comment"]]
    if sorted(user.groups) != sorted(remembered["groups"]):
        command += ["-G", ",".join(sorted(set(remembered["groups"]) & set(host.groups)))]
    if command:
        result.commands.append(["usermod", *command, name])
    keep_keys(user, remembered["keys"], result)


def settle(name: str, account: Mapping[str, Any], host: Host, result: Plan) -> None:
    """Add to the plan what one declared and present account needs."""
    user, remembered = host.users.get(name), host.remembered(name)
    if user is None:
        result.commands.append(create(name, account, host))
        result.accounts[name] = {"created": True}
        user = User(name, -1, name, home_of(name, account), "", "")
    else:
        known = dict(remembered or originals(user))
        result.commands += account_lock.unlock(user, known.pop("locked", None))
        command = alter(name, account, user, bool(known["created"]))
        if command:
            result.commands.append(command)
        result.accounts[name] = known
        result.members[name] = [user.group, *further_groups(account, user, bool(known["created"]))]
    keep_keys(user, merged_keys(account["keys"], user.keys, account["exclusive_keys"]) or None, result)


def lock_out(user: User, host: Host, result: Plan) -> None:
    """Add to the plan what makes an account useless without a loss of data: locked, its sessions ended, without keys."""
    known = host.remembered(user.name) or originals(user)
    result.commands += account_lock.lock(user)
    result.accounts[user.name] = {**known, "locked": account_lock.before_lock(user, known.get("locked"))}
    result.locked.append(user.name)
    keep_keys(user, None, result)


def shut_out(name: str, host: Host, result: Plan) -> None:
    """Add to the plan what an account needs that is not declared any more: one that was created is locked, its data stays."""
    remembered = host.remembered(name)
    if remembered is None or not remembered["created"]:
        release(name, host, result)
        return
    lock_out(host.users[name], host, result)
    result.undeclared.append(name)


def create_groups(groups: Mapping[str, Any], host: Host, result: Plan) -> None:
    """Add to the plan the groups that are missing."""
    for name, options in groups.items():
        if name not in host.groups:
            gid = (options or {}).get("gid")
            result.commands.append(["groupadd", *(["-g", str(gid)] if gid is not None else []), name])
            result.groups.append(name)


def plan(declared: Mapping[str, Any], groups: Mapping[str, Any], host: Host, others: str = "keep", day: str = "") -> Plan:
    """Return what brings the host to the declared accounts and groups. Raises BadInput, before anything is done, for what is refused.

    others: `lock` locks the accounts of people that are not declared, `keep` leaves them. day: today, YYYY-MM-DD.
    """
    result = Plan(groups=list(host.record.get("groups", [])))
    strangers = host.others(declared) if others == "lock" else []
    accounts: Dict[str, Any] = {**declared, **{name: {"state": "locked"} for name in strangers}}
    refuse(accounts, groups, host)
    create_groups(groups, host, result)
    for name, account in accounts.items():
        if account["state"] == "present":
            settle(name, account, host, result)
        elif name in host.users and account["state"] == "locked":
            lock_out(host.users[name], host, result)
        elif host.remembered(name) is not None:
            release(name, host, result, account.get("keep_home", "archive"), day)
        elif name in host.users:
            result.kept.append(name)
    for name in host.record.get("accounts", {}):
        if name not in accounts and name in host.users:
            shut_out(name, host, result)
    return result


def plan_removal(host: Host) -> Plan:
    """Return what takes everything away that earlier runs made. Raises BadInput where that would cut off the account in use."""
    result = Plan()
    refuse_removal(host)
    for name in host.record.get("accounts", {}):
        release(name, host, result)
    result.commands += [["groupdel", name] for name in host.record.get("groups", []) if name in host.groups]
    return result
