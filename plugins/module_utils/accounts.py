# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts and groups: what has to be done to bring a host from what it is to what is declared, and what to remember for the way back."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Sequence, Set

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, unknown_name

DEFAULT_SHELL = "/bin/bash"
NO_LOGIN = ("nologin", "false")
KEY_BLOB = re.compile(r"\s([A-Za-z0-9+/]{40,}={0,3})(?:\s|$)")


@dataclass(frozen=True)
class User:
    """An account as the host has it. group: name of the primary group; groups: of the others. keys: text of its authorized_keys."""

    name: str
    uid: int
    group: str
    home: str
    shell: str
    comment: str
    groups: Sequence[str] = field(default_factory=list)
    keys: Optional[str] = None


@dataclass(frozen=True)
class Host:
    """What a host has. record: what earlier runs remembered. sudoers: names with a sudo drop-in of ours. in_use: who is connected.

    sudo_user: who called sudo for this run. shells: those of /etc/shells, empty where there is no such file.
    """

    users: Mapping[str, User]
    groups: Sequence[str]
    record: Mapping[str, Any] = field(default_factory=dict)
    sudoers: Sequence[str] = field(default_factory=list)
    in_use: Sequence[str] = field(default_factory=list)
    sudo_user: str = ""
    shells: Sequence[str] = field(default_factory=list)

    def remembered(self, name: str) -> Optional[Mapping[str, Any]]:
        found: Optional[Mapping[str, Any]] = self.record.get("accounts", {}).get(name)
        return found


@dataclass
class Plan:
    """What has to be done, in order. keys: name to home, group and text of authorized_keys. kept: not ours, not removed."""

    commands: List[List[str]] = field(default_factory=list)
    accounts: Dict[str, Any] = field(default_factory=dict)
    groups: List[str] = field(default_factory=list)
    keys: Dict[str, Dict[str, Any]] = field(default_factory=dict)
    removed: List[str] = field(default_factory=list)
    kept: List[str] = field(default_factory=list)
    undeclared: List[str] = field(default_factory=list)

    def record(self) -> Dict[str, Any]:
        return {"accounts": self.accounts, "groups": self.groups} if self.accounts or self.groups else {}


def blobs(text: Optional[str]) -> Set[str]:
    """Return the keys of an authorized_keys file without options and comments."""
    return {blob for line in (text or "").splitlines() if not line.lstrip().startswith("#") for blob in KEY_BLOB.findall(" " + line)}


def shells(text: Optional[str]) -> List[str]:
    """Return the shells that the text of /etc/shells lists."""
    lines = [line.partition("#")[0].strip() for line in (text or "").splitlines()]
    return [line for line in lines if line]


def merged_keys(declared: Sequence[str], current: Optional[str], exclusive: bool) -> str:
    """Return the text of authorized_keys: the declared keys alone, or after those that are there."""
    lines = [] if exclusive else (current or "").splitlines()
    have = blobs("\n".join(lines))
    lines += [key for key in declared if not blobs(key) & have]
    return "".join(line + "\n" for line in lines)


def key_name(line: str, blob: str) -> str:
    """Return a key as a person knows it: its fingerprint as `ssh-keygen -l` prints it, and its comment."""
    try:
        raw = base64.b64decode(blob)
    except binascii.Error:
        raw = blob.encode()
    fingerprint = "SHA256:" + base64.b64encode(hashlib.sha256(raw).digest()).decode().rstrip("=")
    comment = line.partition(blob)[2].strip()
    return "%s (%s)" % (fingerprint, comment) if comment else fingerprint


def dropped_keys(declared: Sequence[str], current: Optional[str]) -> List[str]:
    """Return the names of the keys that an account has now and that are not declared."""
    wanted = blobs("\n".join(declared))
    return [key_name(line, blob) for line in (current or "").splitlines() for blob in sorted(blobs(line) - wanted)]


def refuse_unusable_shell(where: str, shell: str, name: str, host: Host) -> None:
    """Raise BadInput for a shell with which the account in use could not log in any more."""
    if shell.rpartition("/")[2] in NO_LOGIN or (host.shells and shell not in host.shells):
        raise in_use(where, shell, name, "Take a shell of /etc/shells.")


def refuse_lock_out(name: str, account: Mapping[str, Any], host: Host) -> None:
    """Raise BadInput where a declared account is in use and would lose a key, its sudo rights or its shell."""
    if name not in host.in_use:
        return
    where, user = "users_accounts[%r]" % name, host.users.get(name)
    if account["state"] == "absent":
        raise in_use(where + ".state", "absent", name)
    # Which of the keys opened the connection is not known here, so all of them count.
    dropped = dropped_keys(account["keys"], user.keys) if user and account["exclusive_keys"] else []
    if dropped:
        remedy = "The host has: %s. List it, or set exclusive_keys: false." % ", ".join(dropped)
        raise in_use(where + ".keys", "without a key that the account has now", name, remedy)
    if (name == host.sudo_user and account["sudo"] != "all") or (name in host.sudoers and account["sudo"] == "none"):
        raise in_use(where + ".sudo", account["sudo"], name, "Give it all: this run needs its rights.")
    if user and account["shell"] not in (None, user.shell):
        refuse_unusable_shell(where + ".shell", account["shell"], name, host)


def in_use(where: str, value: object, name: str, otherwise: str = "") -> BadInput:
    """Return the refusal to cut off the account that this run is connected with. otherwise: a remedy besides another connection."""
    remedy = "Connect as somebody else first: this run is connected as %r and would cut itself off." % name
    return bad_input(where, value, "that the account in use keeps its access", " ".join([otherwise, remedy]).strip())


def create(name: str, account: Mapping[str, Any], host: Host) -> List[str]:
    """Return the command that creates an account. Raises BadInput where its uid or its group's name is taken."""
    where = "users_accounts[%r]" % name
    if name in host.groups:
        raise bad_input(where, name, "a name that no group has", "The account gets a group of its own name, and there is one already.")
    for user in host.users.values():
        if account["uid"] is not None and user.uid == account["uid"]:
            raise bad_input(where + ".uid", account["uid"], "a free number", "It belongs to %r." % user.name)
    # '*': no password fits, yet sshd without PAM does not take the account for locked as it would with '!'. Without a password there is
    # nothing to expire: PASS_MAX_DAYS of login.defs would lock the account for keys too.
    command = ["useradd", "-m", "-U", "-d", "/home/" + name, "-p", "*", "-K", "PASS_MAX_DAYS=-1", "-K", "PASS_MIN_DAYS=-1"]
    command += ["-s", account["shell"] or DEFAULT_SHELL, "-c", account["comment"] or ""]
    if account["uid"] is not None:
        command += ["-u", str(account["uid"])]
    if account["groups"]:
        command += ["-G", ",".join(sorted(account["groups"]))]
    return [*command, name]


def alter(name: str, account: Mapping[str, Any], user: User, ours: bool) -> Optional[List[str]]:
    """Return the command that brings an account to what is declared, None where it is.

    The groups of an account that is not ours only grow.
    """
    if account["uid"] not in (None, user.uid):
        where = "users_accounts[%r].uid" % name
        remedy = "Its files belong to that number; it is not changed."
        raise bad_input(where, account["uid"], "%d, which the account has" % user.uid, remedy)
    command = []
    if account["shell"] not in (None, user.shell):
        command += ["-s", account["shell"]]
    if account["comment"] not in (None, user.comment):
        command += ["-c", account["comment"]]
    if account["groups"] is not None:
        groups = set(account["groups"]) if ours else set(account["groups"]) | set(user.groups)
        if groups - {user.group} != set(user.groups):
            command += ["-G", ",".join(sorted(groups - {user.group}))]
    return ["usermod", *command, name] if command else None


def release(name: str, host: Host, result: Plan) -> None:
    """Undo what was done to an account: remove it with its home if it was created, put the old values back otherwise."""
    remembered, user = host.remembered(name), host.users.get(name)
    if remembered is None or user is None:
        return
    if remembered["created"]:
        result.commands.append(["userdel", "-r", name])
        result.removed.append(name)
        return
    command = []
    if user.shell != remembered["shell"]:
        command += ["-s", remembered["shell"]]
    if user.comment != remembered["comment"]:
        command += ["-c", remembered["comment"]]
    if sorted(user.groups) != sorted(remembered["groups"]):
        command += ["-G", ",".join(sorted(set(remembered["groups"]) & set(host.groups)))]
    if command:
        result.commands.append(["usermod", *command, name])
    result.keys[name] = {"home": user.home, "group": user.group, "text": remembered["keys"]}


def settle(name: str, account: Mapping[str, Any], host: Host, result: Plan) -> None:
    """Add to the plan what one declared and present account needs."""
    user, remembered = host.users.get(name), host.remembered(name)
    if user is None:
        result.commands.append(create(name, account, host))
        result.accounts[name] = {"created": True}
        home, group = "/home/" + name, name
    else:
        ours = bool(remembered and remembered["created"])
        command = alter(name, account, user, ours)
        if command:
            result.commands.append(command)
        originals = {"created": False, "shell": user.shell, "comment": user.comment, "groups": sorted(user.groups), "keys": user.keys}
        result.accounts[name] = remembered or originals
        home, group = user.home, user.group
    current = user.keys if user else None
    result.keys[name] = {"home": home, "group": group, "text": merged_keys(account["keys"], current, account["exclusive_keys"])}


def shut_out(name: str, host: Host, result: Plan) -> None:
    """Add to the plan what an account needs that is not declared any more: one that was created loses its access, not its data."""
    remembered, user = host.remembered(name), host.users[name]
    if remembered is None or not remembered["created"]:
        release(name, host, result)
        return
    result.accounts[name] = remembered
    result.keys[name] = {"home": user.home, "group": user.group, "text": None}
    result.undeclared.append(name)


def refuse(accounts: Mapping[str, Any], groups: Mapping[str, Any], host: Host) -> None:
    """Raise BadInput for an unknown group and for anything that would cut off the account in use."""
    known = set(host.groups) | set(groups)
    for name, account in accounts.items():
        refuse_lock_out(name, account, host)
        for group in account.get("groups") or []:
            if group not in known:
                raise unknown_name("group", "users_accounts[%r].groups" % name, group, known)
    for name in host.record.get("accounts", {}):
        if name not in accounts and name in host.in_use:
            raise in_use("users_accounts", "without %s" % name, name)


def plan(accounts: Mapping[str, Any], groups: Mapping[str, Any], host: Host) -> Plan:
    """Return what brings the host to the declared accounts and groups. Raises BadInput, before anything is done, for what is refused."""
    result = Plan(groups=list(host.record.get("groups", [])))
    refuse(accounts, groups, host)
    for name, options in groups.items():
        if name not in host.groups:
            gid = (options or {}).get("gid")
            result.commands.append(["groupadd", *(["-g", str(gid)] if gid is not None else []), name])
            result.groups.append(name)
    for name, account in accounts.items():
        if account["state"] == "present":
            settle(name, account, host, result)
        elif host.remembered(name) is not None:
            release(name, host, result)
        elif name in host.users:
            result.kept.append(name)
    for name in host.record.get("accounts", {}):
        if name not in accounts and name in host.users:
            shut_out(name, host, result)
    return result


def loses_key(remembered: Mapping[str, Any], user: Optional[User]) -> bool:
    """Tell whether an account that gets its old keys back would lose one that it has now."""
    return user is not None and bool(dropped_keys((remembered["keys"] or "").splitlines(), user.keys))


def plan_removal(host: Host) -> Plan:
    """Return what takes everything away that earlier runs made. Raises BadInput where that would cut off the account in use."""
    result = Plan()
    for name, remembered in host.record.get("accounts", {}).items():
        if name in host.in_use and (remembered["created"] or loses_key(remembered, host.users.get(name))):
            raise in_use("users_state", "absent", name)
        release(name, host, result)
    result.commands += [["groupdel", name] for name in host.record.get("groups", []) if name in host.groups]
    return result


def effects(commands: Sequence[Sequence[str]], host: Host) -> List[Dict[str, Any]]:
    """Return what takes each command back, for the journal. An account that was removed with its home does not come back."""
    found: List[Dict[str, Any]] = []
    for command in commands:
        program, name = command[0], command[-1]
        if program == "useradd":  # its home stays: by then it may hold somebody's work
            found.append({"undo": ["userdel", name], "what": "the account %s was created" % name})
        elif program == "groupadd":
            found.append({"undo": ["groupdel", name], "what": "the group %s was created" % name})
        elif program == "groupdel":
            found.append({"undo": ["groupadd", name], "what": "the group %s was removed" % name})
        elif program == "usermod":
            user = host.users[name]
            old = ["usermod", "-s", user.shell, "-c", user.comment, "-G", ",".join(user.groups), name]
            found.append({"undo": old, "what": "the account %s was changed" % name})
        else:
            found.append({"undo": [], "what": "the account %s was removed with its home" % name})
    return found
