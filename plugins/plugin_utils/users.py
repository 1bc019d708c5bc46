# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts as an inventory declares them: checked before anything is sent, and the files that follow from them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.account_keys import Key
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, refuse_unknown_options, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import users_keys, users_sudo

SHARED = ("keys", "exclusive_keys", "sudo", "groups", "shell", "comment", "state", "uid", "keep_home", "require_security_key")
SERVICE = (*SHARED, "home")
STATES = ("present", "locked", "absent")
KEEP_HOME = ("archive", "delete")
NAME = re.compile(r"^[a-z_][a-z0-9_.-]{0,30}\$?$")
HOME = re.compile(r"^/[^\s:]+$")
HELP = "See the README of the role users."

Account = dict[str, Any]


def checked(
    accounts: Any,
    sudo_roles: Any = None,
    service_accounts: Any = None,
    today: datetime.date | None = None,
    warn_days: int = 30,
) -> dict[str, Account]:
    """Return the accounts of people and of services with their defaults filled in. Raises BadInput naming what is wrong.

    A present account of a person without a key is refused: nobody could log in to it. today: by default that of the controller.
    warn_days: a key that expires within so many days is named under `expiring`.
    """
    day = today or datetime.datetime.now().astimezone().date()
    roles = users_sudo.checked_roles(sudo_roles or {})
    found: dict[str, Account] = {}
    for variable, given, options in (("users_accounts", accounts, SHARED), ("users_service_accounts", service_accounts or {}, SERVICE)):
        if not isinstance(given, Mapping):
            raise bad_input(variable, given, "a mapping from name to options", HELP)
        for name, declared in given.items():
            where = f"{variable}[{name!r}]"
            checked_name(variable, name)
            if name in found:
                raise bad_input(where, name, "a name that is not among users_accounts", "An account is of a person or of a service.")
            found[name] = checked_account(where, known_options(where, declared, options), roles, day, warn_days)
            found[name]["service"] = options is SERVICE
    return found


def checked_name(variable: str, name: Any) -> None:
    """Raise BadInput for what is no name of an account, and for root."""
    if not isinstance(name, str) or not NAME.match(name) or name == "root":
        raise bad_input(variable, name, "the name of an account other than root, in lower case", "See useradd(8).")


def known_options(where: str, given: Any, known: tuple[str, ...]) -> Mapping[str, Any]:
    """Return the options of an account. Raises BadInput for one that nobody knows."""
    options = {} if given is None else given
    if not isinstance(options, Mapping):
        raise bad_input(where, options, "a mapping of options", HELP)
    refuse_unknown_options(where, options, known)
    return options


def checked_account(
    where: str, options: Mapping[str, Any], roles: Mapping[str, users_sudo.Rule], today: datetime.date, warn_days: int
) -> Account:
    """Return one account with its defaults filled in."""
    state, keep_home = options.get("state") or "present", options.get("keep_home") or "archive"
    if state not in STATES:
        raise unknown_name("state", f"{where}.state", str(state), STATES)
    if keep_home not in KEEP_HOME:
        raise unknown_name("value", f"{where}.keep_home", str(keep_home), KEEP_HOME)
    keys = checked_keys(where, options, state)
    rules = users_sudo.checked_sudo(f"{where}.sudo", options.get("sudo"), roles)
    if state != "present":
        return {"state": state, "keep_home": keep_home}
    groups = options.get("groups")
    if groups is not None and not isinstance(groups, (list, tuple)):
        raise bad_input(f"{where}.groups", groups, "a list of names of groups", "Write it as a list, also for one group.")
    uid = options.get("uid")
    if uid is not None and (isinstance(uid, bool) or not isinstance(uid, int) or not 1 <= uid < 2**32 - 1):
        raise bad_input(f"{where}.uid", uid, "a number from 1", "Take it out to let the host choose.")
    for option in ("shell", "comment"):
        text = options.get(option)
        if text is not None and (not isinstance(text, str) or re.search(r"[:\n]", text)):
            raise bad_input(f"{where}.{option}", text, "text without a colon or a line break", "It becomes a field of /etc/passwd.")
    home = options.get("home")
    if home is not None and (not isinstance(home, str) or not HOME.match(home)):
        raise bad_input(f"{where}.home", home, "an absolute path", "Take it out for a service without files of its own.")
    return {
        "state": "present",
        **users_keys.sorted_out(keys, today, warn_days),
        "exclusive_keys": bool(options.get("exclusive_keys", True)),
        "sudo": users_sudo.extent(rules),
        "sudo_rules": rules,
        "groups": None if groups is None else [str(group) for group in groups],
        "uid": uid,
        "shell": options.get("shell"),
        "comment": options.get("comment"),
        "home": home,
    }


def checked_keys(where: str, options: Mapping[str, Any], state: str) -> list[Key]:
    """Return the keys of an account. Raises BadInput for a person who has none, and for a key of the wrong kind."""
    keys, required = options.get("keys") or [], options.get("require_security_key", False)
    if not isinstance(required, bool):
        raise bad_input(f"{where}.require_security_key", required, "true or false", HELP)
    person = where.startswith("users_accounts")
    if not isinstance(keys, (list, tuple)) or (person and not keys and state == "present"):
        raise bad_input(f"{where}.keys", keys, "at least one public SSH key", "Add the content of the person's .pub file.")
    found = [one for number, key in enumerate(keys) for one in users_keys.declared_keys(f"{where}.keys[{number}]", key)]
    if required:
        found = [users_keys.only_security_key(f"{where}.keys[{number}]", key) for number, key in enumerate(found)]
    return found


def warnings(accounts: Mapping[str, Account]) -> Iterator[str]:
    """Yield what somebody should look after: keys that have expired or soon will, people who are left without one."""
    for name, account in accounts.items():
        for key in account.get("expired", []):
            yield f"A key of {name!r} has expired and is not installed: {key}."
        for key in account.get("expiring", []):
            yield f"A key of {name!r} expires soon: {key}."
        if account["state"] == "present" and account["expired"] and not account["keys"]:
            yield f"{name!r} has no key left: nobody can log in to this account until a new one is declared."


def key_files(observed: Mapping[str, Mapping[str, Any]], removing: bool = False) -> dict[str, dict[str, Any]]:
    """Return the set of authorized_keys files from what the module accounts answered (home, group, text; text null: no file).

    removing: only those without a text, as a set to hand over with state absent, so that an empty .ssh goes with its file.
    """
    files: dict[str, dict[str, Any]] = {}
    for name, account in observed.items():
        directory = account["home"].rstrip("/") + "/.ssh"
        owned = {"owner": name, "group": account["group"]}
        if account["text"] is None and not removing:
            files[directory + "/authorized_keys"] = {"absent": True}
        elif (account["text"] is None) == removing:
            files[directory] = {"directory": True, "mode": "0700", **owned}
            files[directory + "/authorized_keys"] = {"content": account["text"] or "\n", "mode": "0600", **owned}
    return files
