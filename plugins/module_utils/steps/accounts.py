# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring accounts and groups to what is declared."""

from __future__ import annotations

import grp
import json
import os
import pwd
import stat
import time
from typing import Any, Dict, List, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils import accounts as accounts_util
from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal, undo_effects
from ansible_collections.groundwork.fleet.plugins.module_utils.anchored_paths import replace_durably
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

RECORD = "/var/lib/groundwork/accounts.json"
SUDOERS = "/etc/sudoers.d"
SHELLS = "/etc/shells"
PREFIX = "groundwork-"
IN_USE_BY_PROCESS = 8
LONGEST = 1024 * 1024  # bytes of a file that belongs to somebody else

ARGUMENTS: Dict[str, Any] = {
    "accounts": {"type": "dict", "default": {}},
    "groups": {"type": "dict", "default": {}},
    "connecting_user": {"type": "str", "default": ""},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "change": {"type": "str", "default": ""},
    "run": {"type": "str", "default": ""},
}
JOURNAL = change_journal.JOURNAL


def read(path: str) -> Optional[str]:
    """Return the text of a file, None where there is none. A link is not followed: its owner may point it anywhere."""
    try:
        # Not blocking: whoever owns the place may put a pipe there.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, encoding="utf-8", errors="replace") as stream:
        info = os.fstat(descriptor)
        return stream.read() if stat.S_ISREG(info.st_mode) and info.st_size <= LONGEST else None


def remember(record: Dict[str, Any]) -> None:
    """Write the record durably, root only; an empty one is taken away."""
    if not record:
        if os.path.exists(RECORD):
            os.unlink(RECORD)
        return
    os.makedirs(os.path.dirname(RECORD), mode=0o755, exist_ok=True)
    replace_durably(RECORD, json.dumps(record, indent=1, sort_keys=True).encode(), 0o600)


def observe(connecting_user: str) -> accounts_util.Host:
    """Return what the host has."""
    groups = grp.getgrall()
    numbers = {group.gr_gid: group.gr_name for group in groups}
    users = {
        entry.pw_name: accounts_util.User(
            name=entry.pw_name,
            uid=entry.pw_uid,
            group=numbers.get(entry.pw_gid, str(entry.pw_gid)),
            home=entry.pw_dir,
            shell=entry.pw_shell,
            comment=entry.pw_gecos,
            groups=sorted(group.gr_name for group in groups if entry.pw_name in group.gr_mem),
            keys=read(os.path.join(entry.pw_dir, ".ssh", "authorized_keys")) if entry.pw_uid else None,
        )
        for entry in pwd.getpwall()
    }
    drop_ins = os.listdir(SUDOERS) if os.path.isdir(SUDOERS) else []
    return accounts_util.Host(
        users=users,
        groups=[group.gr_name for group in groups],
        record=json.loads(read(RECORD) or "{}"),
        sudoers=sorted(name[len(PREFIX) :].replace("%2E", ".") for name in drop_ins if name.startswith(PREFIX)),
        in_use=[name for name in (connecting_user, os.environ.get("SUDO_USER", "")) if name],
        sudo_user=os.environ.get("SUDO_USER", ""),
        shells=accounts_util.shells(read(SHELLS)),
    )


def carry_out(module: StepModule, commands: List[List[str]]) -> None:
    """Run the commands. The sessions of an account that is removed are ended."""
    for command in commands:
        program = module.get_bin_path(command[0], required=True, opt_dirs=["/usr/sbin"])
        code, _output, errors = module.run_command([program, *command[1:]])
        loginctl = module.get_bin_path("loginctl")
        if code == IN_USE_BY_PROCESS and command[0] == "userdel" and loginctl:
            module.run_command([loginctl, "terminate-user", command[-1]])
            for _attempt in range(20):
                time.sleep(0.5)
                code, _output, errors = module.run_command([program, *command[1:]])
                if code != IN_USE_BY_PROCESS:
                    break
        if code != 0:
            module.fail_json(msg="'%s' failed: %s" % (" ".join(command), errors.strip()), rc=code)


def run(module: StepModule) -> None:
    """Observe, plan, carry out."""
    host = observe(module.params["connecting_user"])
    wanted = module.params["accounts"] if module.params["state"] == "present" else {}
    try:
        if module.params["state"] == "present":
            plan = accounts_util.plan(wanted, module.params["groups"], host)
        else:
            plan = accounts_util.plan_removal(host)
    except BadInput as error:
        module.fail_json(msg=str(error))
    change = ""
    if not module.check_mode:
        # Remembered first: what a run makes that is cut off here is known to be ours.
        known = {**host.record.get("accounts", {}), **plan.accounts}
        if plan.commands:
            module.about_to_change()
            change = undo_effects.noted(module, accounts_util.effects(plan.commands, host), JOURNAL)
            remember({"accounts": known, "groups": sorted({*host.record.get("groups", []), *plan.groups})})
            carry_out(module, plan.commands)
        if plan.record() != host.record or plan.commands:
            remember(plan.record())
    for name in plan.kept:
        module.warn("users_accounts[%r].state is absent, but groundwork.fleet did not create the account and keeps it." % name)
    for name in plan.undeclared:
        module.warn("The account %r is not declared any more: it has no keys and no rights. Declare state: absent to remove it." % name)
    module.exit_json(
        changed=bool(plan.commands),
        change=change,
        authorized_keys=plan.keys,
        former=[name for name in host.sudoers if name not in wanted],
        removed=plan.removed,
        kept=plan.kept,
        undeclared=plan.undeclared,
        diff={"before": "", "after": "".join(" ".join(command) + "\n" for command in plan.commands)},
    )
