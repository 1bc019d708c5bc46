# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused of declared accounts before anything is done: what cannot be, and what would cut off the account in use."""

from __future__ import annotations

from typing import Any, Callable, List, Mapping, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils.account_host import NO_LOGIN, Host, User
from ansible_collections.groundwork.fleet.plugins.module_utils.account_keys import dropped_keys, keys_of
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, nearest, unknown_name


def place(name: str, account: Mapping[str, Any]) -> str:
    """Return where an account is declared, as an error names it."""
    return "users_%s[%r]" % ("service_accounts" if account.get("service") else "accounts", name)


def in_use(where: str, value: object, name: str, otherwise: str = "") -> BadInput:
    """Return the refusal to cut off the account that this run is connected with. otherwise: a remedy besides another connection."""
    remedy = "Connect as somebody else first: this run is connected as %r and would cut itself off." % name
    return bad_input(where, value, "that the account in use keeps its access", " ".join([otherwise, remedy]).strip())


def would_drop(account: Mapping[str, Any], user: Optional[User]) -> List[str]:
    """Return the names of the keys that a declared account has now and would not have any more."""
    if user is None or account["state"] != "present" or not account["exclusive_keys"]:
        return []
    return dropped_keys(account["keys"], user.keys)


def keeps_used_key(declared: Sequence[str], host: Host) -> bool:
    """Tell whether the key that opened the connection is known and among the declared ones."""
    return bool(host.used_key) and host.used_key in [key.fingerprint for key in keys_of("\n".join(declared))]


def refuse_unusable_shell(where: str, shell: str, name: str, host: Host) -> None:
    """Raise BadInput for a shell with which the account in use could not log in any more."""
    if shell.rpartition("/")[2] in NO_LOGIN or (host.shells and shell not in host.shells):
        raise in_use(where, shell, name, "Take a shell of /etc/shells.")


def unusable_shells(accounts: Mapping[str, Any], starts: Callable[[str], bool], shells: Sequence[str]) -> List[BadInput]:
    """Return the refusal of each declared shell with which sshd would turn its account away.

    starts: tells whether a shell is a program of the host. shells: those of /etc/shells.
    """
    found = []
    for name, account in accounts.items():
        shell = account.get("shell")
        if account["state"] != "present" or shell is None or starts(shell):
            continue
        close = nearest(shell, shells)
        listed = "Did you mean %r?" % close if close else "Take one of /etc/shells: %s." % (", ".join(shells) or "it lists none")
        remedy = "%s Or have its package installed before, with packages_baseline." % listed
        found.append(bad_input(place(name, account) + ".shell", shell, "a program that this host has and may execute", remedy))
    return found


def refuse_lock_out(name: str, account: Mapping[str, Any], host: Host) -> None:
    """Raise BadInput where a declared account is in use and would lose its key, its sudo rights or its shell."""
    if name not in host.in_use:
        return
    where, user = place(name, account), host.users.get(name)
    if account["state"] != "present":
        raise in_use(where + ".state", account["state"], name)
    dropped = would_drop(account, user)
    # Where nobody knows which of the keys opened the connection, all of them count.
    if dropped and not keeps_used_key(account["keys"], host):
        which = "without the key of this connection" if host.used_key else "without a key that the account has now"
        remedy = "The host has: %s. List it, or set exclusive_keys: false." % ", ".join(dropped)
        raise in_use(where + ".keys", which, name, remedy)
    if (name == host.sudo_user and account["sudo"] != "all") or (name in host.sudoers and account["sudo"] == "none"):
        raise in_use(where + ".sudo", account["sudo"], name, "Give it all: this run needs its rights.")
    if user and account["shell"] not in (None, user.shell):
        refuse_unusable_shell(where + ".shell", account["shell"], name, host)


def refuse(accounts: Mapping[str, Any], groups: Mapping[str, Any], host: Host) -> None:
    """Raise BadInput for an unknown group and for anything that would cut off the account in use."""
    known = set(host.groups) | set(groups)
    for name, account in accounts.items():
        refuse_lock_out(name, account, host)
        for group in account.get("groups") or []:
            if group not in known:
                raise unknown_name("group", place(name, account) + ".groups", group, known)
    for name in host.record.get("accounts", {}):
        if name not in accounts and name in host.in_use:
            raise in_use("users_accounts", "without %s" % name, name)


def refuse_removal(host: Host) -> None:
    """Raise BadInput where taking everything back would cut off the account in use."""
    for name, remembered in host.record.get("accounts", {}).items():
        user = host.users.get(name)
        loses_key = (
            user is not None and not remembered["created"] and bool(dropped_keys((remembered["keys"] or "").splitlines(), user.keys))
        )
        if name in host.in_use and (remembered["created"] or loses_key):
            raise in_use("users_state", "absent", name)
