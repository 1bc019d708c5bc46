#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Have the system users that services run as."""

from __future__ import annotations

DOCUMENTATION = r"""
module: system_users
short_description: Have the system users that services run as
version_added: 0.1.0
author: groundwork.fleet contributors (@groundwork)
description:
  - Creates users that cannot log in, all in one call. A user that exists is left as it is.
  - O(state=absent) removes a user only if its comment is the one given, that is if this module created it.
options:
  users:
    description: Name to a mapping of C(comment), C(group) (the primary group; one of the user's name is created with it) and C(home).
    type: dict
    required: true
  state:
    description: Whether the users are to be there.
    type: str
    choices: [present, absent]
    default: present
attributes:
  check_mode:
    description: Exact.
    support: full
  diff_mode:
    description: Shows the users before and after.
    support: full
"""

EXAMPLES = r"""
- name: Have the user of a service
  groundwork.fleet.system_users:
    users:
      orders: {comment: groundwork.fleet service orders}
"""

RETURN = r"""
created:
  description: Users that were created.
  type: list
  elements: str
  returned: always
removed:
  description: Users that were removed.
  type: list
  elements: str
  returned: always
"""

import pwd
from typing import Any, Dict, List, Optional

from ansible.module_utils.basic import AnsibleModule


def comment_of(name: str) -> Optional[str]:
    """Return the comment of a user, None where there is no such user."""
    try:
        return pwd.getpwnam(name).pw_gecos
    except KeyError:
        return None


def run(module: AnsibleModule, name: str, *command: str) -> None:
    program = module.get_bin_path(command[0])
    if not program:
        remedy = "Install the package that brings it (passwd, shadow-utils)."
        module.fail_json(msg="users[%r]: this host has no %s. %s" % (name, command[0], remedy))
    code, _out, error = module.run_command([program, *command[1:]])
    if code:
        module.fail_json(msg="users[%r]: %s failed: %s" % (name, command[0], error.strip()))


def create(module: AnsibleModule, name: str, options: Dict[str, Any]) -> None:
    group = options.get("group") or name
    kind = ["--user-group"] if group == name else ["--gid", group]
    run(
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


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "users": {"type": "dict", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        supports_check_mode=True,
    )
    users = {name: options or {} for name, options in module.params["users"].items()}
    before = {name: comment_of(name) for name in users}
    created: List[str] = []
    removed: List[str] = []
    if module.params["state"] == "present":
        created = [name for name in users if before[name] is None]
    else:
        removed = [name for name, options in users.items() if before[name] is not None and before[name] == options.get("comment")]
    if not module.check_mode:
        for name in created:
            create(module, name, users[name])
        for name in removed:
            run(module, name, "userdel", "--", name)
    there = [name for name in users if before[name] is not None]
    after = [name for name in users if (name in there or name in created) and name not in removed]
    diff = {"before": "".join(name + "\n" for name in there), "after": "".join(name + "\n" for name in after)}
    module.exit_json(changed=bool(created or removed), created=created, removed=removed, diff=diff)


if __name__ == "__main__":
    main()
