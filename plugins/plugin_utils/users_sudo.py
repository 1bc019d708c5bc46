# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""sudo rights as an inventory declares them: all, none, commands, or roles that name both. Source: sudoers(5)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, nearest, refuse_unknown_options

WORDS = ("all", "none")
ROLE_OPTIONS = ("commands", "description", "nopasswd", "noexec", "runas", "setenv")
ROLE_NAME = re.compile(r"^[a-z][a-z0-9_-]*$")
RUNAS = re.compile(r"^[A-Za-z_][A-Za-z0-9_.-]*(:[A-Za-z_][A-Za-z0-9_.-]*)?$")
HELP = "See the README of the role users."

Rule = dict[str, Any]
EVERYTHING: Rule = {"runas": "ALL:ALL", "tags": ["NOPASSWD"], "commands": ["ALL"]}


def checked_command(where: str, command: Any) -> str:
    """Return a command by its absolute path. Raises BadInput for anything that sudo would read as something else."""
    if not isinstance(command, str) or not re.match(r"(sudoedit )?/", command) or "\n" in command:
        raise bad_input(where, command, "a command by its absolute path, with or without arguments", "See sudoers(5).")
    return command


def checked_role(where: str, options: Any) -> Rule:
    """Return one sudo role as a rule. Raises BadInput naming the option that is wrong."""
    if not isinstance(options, Mapping):
        raise bad_input(where, options, "a mapping with commands", HELP)
    refuse_unknown_options(where, options, ROLE_OPTIONS)
    commands = options.get("commands")
    if commands == "all":
        found = ["ALL"]
    elif isinstance(commands, (list, tuple)) and commands:
        found = [checked_command(f"{where}.commands", command) for command in commands]
    else:
        raise bad_input(f"{where}.commands", commands, "all or a list of commands by absolute path", HELP)
    runas = options.get("runas") or ("ALL:ALL" if commands == "all" else "root")
    if not isinstance(runas, str) or not RUNAS.match(runas):
        raise bad_input(f"{where}.runas", runas, "a user, or a user and a group like postgres:postgres", "ALL stands for any.")
    flags = {name: options.get(name, name == "nopasswd") for name in ("nopasswd", "noexec", "setenv")}
    for name, value in flags.items():
        if not isinstance(value, bool):
            raise bad_input(f"{where}.{name}", value, "true or false", HELP)
    tags = ["NOPASSWD" if flags["nopasswd"] else "PASSWD", *(name.upper() for name in ("noexec", "setenv") if flags[name])]
    return {"runas": runas, "tags": tags, "commands": found}


def checked_roles(roles: Any) -> dict[str, Rule]:
    """Return the sudo roles by name. Raises BadInput naming the role and option that is wrong."""
    if not isinstance(roles, Mapping):
        raise bad_input("users_sudo_roles", roles, "a mapping from name to commands", HELP)
    for name in roles:
        if not isinstance(name, str) or not ROLE_NAME.match(name) or name in WORDS:
            raise bad_input("users_sudo_roles", name, "a name in lower case other than all and none", HELP)
    return {name: checked_role(f"users_sudo_roles[{name!r}]", options) for name, options in roles.items()}


def checked_sudo(where: str, value: Any, roles: Mapping[str, Rule]) -> list[Rule]:
    """Return the rules that follow from `all`, `none`, the name of a role, or a list of commands and roles. Raises BadInput otherwise."""
    expected = "all, none or a list of commands, or a role of users_sudo_roles"
    if value is None or value == "none":
        return []
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, (list, tuple)) or not given:
        raise bad_input(where, value, expected, "Take it out for none.")
    rules: list[Rule] = []
    commands: list[str] = []
    for one in given:
        if one == "all":
            rules.append(EVERYTHING)
        elif isinstance(one, str) and one in roles:
            rules.append(roles[one])
        elif isinstance(value, str) or (isinstance(one, str) and ROLE_NAME.match(one)):
            close = nearest(str(one), [*WORDS, *roles])
            known = f"Roles: {', '.join(sorted(roles))}." if roles else "Write commands as a list."
            raise bad_input(where, one, expected, f"Did you mean {close!r}?" if close else known)
        else:
            commands.append(checked_command(where, one))
    return [*rules, {"runas": "root", "tags": ["NOPASSWD"], "commands": commands}] if commands else rules


def extent(rules: Sequence[Rule]) -> str:
    """Return how far rights go: `all` where root is reached with any command and without a password, `none`, or `some`."""
    for rule in rules:
        unlimited = rule["commands"] == ["ALL"] and rule["runas"].split(":")[0] in ("ALL", "root")
        if unlimited and "NOPASSWD" in rule["tags"] and "NOEXEC" not in rule["tags"]:
            return "all"
    return "some" if rules else "none"


def sudoers_path(name: str) -> str:
    """Return the drop-in of an account. sudo does not read names with a dot (sudoers(5)), so a dot is written as %2E."""
    return "/etc/sudoers.d/groundwork-" + name.replace(".", "%2E")


def sudoers(name: str, rules: Sequence[Rule]) -> str:
    """Return the content of an account's drop-in. Accounts have no password, so a rule asks for none unless it says so."""
    lines = ["# groundwork.fleet: role users"]
    for rule in rules:
        escaped = [one if one == "ALL" else re.sub(r"(?<!\\)([,:=])", r"\\\1", one) for one in rule["commands"]]
        tags = " ".join(f"{tag}:" for tag in rule["tags"])
        lines.append(f"{name} ALL=({rule['runas']}) {tags} {', '.join(escaped)}")
    return "\n".join(lines) + "\n"


def sudo_files(accounts: Mapping[str, Mapping[str, Any]], former: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the set of sudo drop-ins: written for who has rights, absent for who has none (any more) and for `former` accounts."""
    files: dict[str, dict[str, Any]] = {sudoers_path(name): {"absent": True} for name in former}
    for name, account in accounts.items():
        if account["state"] != "present" or not account["sudo_rules"]:
            files[sudoers_path(name)] = {"absent": True}
        else:
            files[sudoers_path(name)] = {"content": sudoers(name, account["sudo_rules"]), "mode": "0440"}
    return files
