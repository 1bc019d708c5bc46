# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Have the system users that services run as."""

from __future__ import annotations

import pwd
from typing import Any, Dict, List, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

ARGUMENTS: Dict[str, Any] = {
    "users": {"type": "dict", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


def comment_of(name: str) -> Optional[str]:
    """Return the comment of a user, None where there is no such user."""
    try:
        return pwd.getpwnam(name).pw_gecos
    except KeyError:
        return None


def told(module: StepModule, name: str, *command: str) -> None:
    """Run a program that has to succeed."""
    program = module.get_bin_path(command[0])
    if not program:
        remedy = "Install the package that brings it (passwd, shadow-utils)."
        module.fail_json(msg="users[%r]: this host has no %s. %s" % (name, command[0], remedy))
    code, _out, error = module.run_command([program, *command[1:]])
    if code:
        module.fail_json(msg="users[%r]: %s failed: %s" % (name, command[0], error.strip()))


def create(module: StepModule, name: str, options: Dict[str, Any]) -> None:
    group = options.get("group") or name
    kind = ["--user-group"] if group == name else ["--gid", group]
    told(
        module,
        name,
        "useradd",
        "--system",
        *kind,
        "--no-create-home",
        "--home-dir",
        options.get("home") or "/nonexistent",
        "--shell",
        "/usr/sbin/nologin",
        "--comment",
        options.get("comment") or "",
        "--",
        name,
    )


def run(module: StepModule) -> None:
    """Create what is missing, or remove what is ours."""
    users = {name: options or {} for name, options in module.params["users"].items()}
    before = {name: comment_of(name) for name in users}
    created: List[str] = []
    removed: List[str] = []
    if module.params["state"] == "present":
        created = [name for name in users if before[name] is None]
    else:
        removed = [name for name, options in users.items() if before[name] is not None and before[name] == options.get("comment")]
    if not module.check_mode and (created or removed):
        module.about_to_change()
        for name in created:
            create(module, name, users[name])
        for name in removed:
            told(module, name, "userdel", "--", name)
    there = [name for name in users if before[name] is not None]
    after = [name for name in users if (name in there or name in created) and name not in removed]
    diff = {"before": "".join(name + "\n" for name in there), "after": "".join(name + "\n" for name in after)}
    module.exit_json(changed=bool(created or removed), created=created, removed=removed, diff=diff)
