# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts as an inventory declares them: checked before anything is sent, and the files that follow from them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name

OPTIONS = ("keys", "exclusive_keys", "sudo", "groups", "shell", "comment", "state", "uid")
STATES = ("present", "absent")
NAME = re.compile(r"^[a-z_][a-z0-9_.-]{0,30}\$?$")
KEY_TYPES = (
    "ssh-ed25519",
    "sk-ssh-ed25519@openssh.com",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-rsa",
)
KEY = re.compile(r"(?:^|\s)(%s)\s+([A-Za-z0-9+/]+={0,3})(?:\s|$)" % "|".join(re.escape(one) for one in KEY_TYPES))
SUDO = ("all", "none")

Account = dict[str, Any]


def checked_key(where: str, text: Any) -> str:
    """Return a line of authorized_keys. Raises BadInput for a private key, a fingerprint, a wrong or cut-off key."""
    line = text.strip() if isinstance(text, str) else ""
    if "PRIVATE KEY" in line:
        raise bad_input(where, "", "a public key", "This is a private key: it is no longer a secret. Make a new pair.", secret=True)
    match = KEY.search(line) if "\n" not in line else None
    valid = False
    if match:
        try:
            blob = base64.b64decode(match.group(2) + "=" * (-len(match.group(2)) % 4), validate=False)
            valid = blob[4 : 4 + int.from_bytes(blob[:4], "big")] == match.group(1).encode() and len(blob) > 32
        except (binascii.Error, ValueError):
            valid = False
    if not valid:
        raise bad_input(where, text, "one whole line of a .pub file", f"Known types: {', '.join(KEY_TYPES)}.")
    return line


def checked_sudo(where: str, value: Any) -> str | list[str]:
    """Return `all`, `none` or a list of commands by absolute path. Raises BadInput otherwise."""
    if value is None:
        return "none"
    if isinstance(value, str):
        if value not in SUDO:
            raise bad_input(where, value, "all, none or a list of commands", "Write commands as a list.")
        return value
    if not isinstance(value, (list, tuple)) or not value:
        raise bad_input(where, value, "all, none or a list of commands", "Take it out for none.")
    for command in value:
        if not isinstance(command, str) or not command.startswith("/") or "\n" in command:
            raise bad_input(where, command, "a command by its absolute path, with or without arguments", "See sudoers(5).")
    return [str(command) for command in value]


def checked(accounts: Any) -> dict[str, Account]:
    """Return the accounts with their defaults filled in. Raises BadInput naming the account and option that is wrong.

    A present account without a key is refused: nobody could log in to it.
    """
    if not isinstance(accounts, Mapping):
        raise bad_input("users_accounts", accounts, "a mapping from name to options", "See the README of the role users.")
    found: dict[str, Account] = {}
    for name, given in accounts.items():
        where = f"users_accounts[{name!r}]"
        options = {} if given is None else given
        if not isinstance(name, str) or not NAME.match(name) or name == "root":
            raise bad_input("users_accounts", name, "the name of an account other than root, in lower case", "See useradd(8).")
        if not isinstance(options, Mapping):
            raise bad_input(where, options, "a mapping of options", "See the README of the role users.")
        for option in options:
            if option not in OPTIONS:
                raise unknown_name("option", where, str(option), OPTIONS)
        found[name] = checked_account(where, options)
    return found


def checked_account(where: str, options: Mapping[str, Any]) -> Account:
    """Return one account with its defaults filled in."""
    state = options.get("state") or "present"
    if state not in STATES:
        raise unknown_name("state", f"{where}.state", str(state), STATES)
    if state == "absent":
        return {"state": "absent"}
    keys = options.get("keys") or []
    if not isinstance(keys, (list, tuple)) or not keys:
        raise bad_input(f"{where}.keys", keys, "at least one public SSH key", "Add the content of the person's .pub file.")
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
    return {
        "state": "present",
        "keys": [checked_key(f"{where}.keys[{number}]", key) for number, key in enumerate(keys)],
        "exclusive_keys": bool(options.get("exclusive_keys", True)),
        "sudo": checked_sudo(f"{where}.sudo", options.get("sudo")),
        "groups": None if groups is None else [str(group) for group in groups],
        "uid": uid,
        "shell": options.get("shell"),
        "comment": options.get("comment"),
    }


def sudoers_path(name: str) -> str:
    """Return the drop-in of an account. sudo does not read names with a dot (sudoers(5)), so a dot is written as %2E."""
    return "/etc/sudoers.d/groundwork-" + name.replace(".", "%2E")


def sudoers(name: str, sudo: str | list[str]) -> str:
    """Return the content of an account's drop-in. Accounts have no password, so none is asked for."""
    escaped = ["ALL"] if isinstance(sudo, str) else [re.sub(r"(?<!\\)([,:=])", r"\\\1", command) for command in sudo]
    runas = "ALL:ALL" if isinstance(sudo, str) else "root"
    return f"# groundwork.fleet: role users\n{name} ALL=({runas}) NOPASSWD: {', '.join(escaped)}\n"


def sudo_files(accounts: Mapping[str, Account], former: list[str]) -> dict[str, dict[str, Any]]:
    """Return the set of sudo drop-ins: written for who has rights, absent for who has none (any more) and for `former` accounts."""
    files: dict[str, dict[str, Any]] = {sudoers_path(name): {"absent": True} for name in former}
    for name, account in accounts.items():
        if account["state"] == "absent" or account["sudo"] == "none":
            files[sudoers_path(name)] = {"absent": True}
        else:
            files[sudoers_path(name)] = {"content": sudoers(name, account["sudo"]), "mode": "0440"}
    return files


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
