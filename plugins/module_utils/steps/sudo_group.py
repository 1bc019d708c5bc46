# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let only a group run sudo, with everybody in it who has a rule; the user of the connection first."""

from __future__ import annotations

import grp
import json
import os
import pwd
import stat
from typing import Any, Dict, List

from ansible_collections.groundwork.fleet.plugins.module_utils import (
    ancestry,
    change_journal,
    originals,
    permissions,
    session_sandbox,
    sudo_group,
)
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input
from ansible_collections.groundwork.fleet.plugins.module_utils.file_diff import name_of
from ansible_collections.groundwork.fleet.plugins.module_utils.permissions import Has
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule
from ansible_collections.groundwork.fleet.plugins.module_utils.steps.permissions import Paths

MEMORY = "/var/lib/groundwork/sudo_group"
SUDO = "/usr/bin/sudo"

ARGUMENTS: Dict[str, Any] = {
    "owner": {"type": "str", "required": True},
    "group": {"type": "str", "default": "sudogrp"},
    "user": {"type": "str", "default": ""},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "change": {"type": "str", "default": ""},
    "run": {"type": "str", "default": ""},
}
JOURNAL = change_journal.JOURNAL


def members_of(name: str) -> List[str]:
    """Return the names of a group's members, those whose first group it is among them."""
    try:
        group = grp.getgrnam(name)
    except KeyError:
        return []
    return sorted({*group.gr_mem, *(one.pw_name for one in pwd.getpwall() if one.pw_gid == group.gr_gid)})


def caller() -> str:
    """Return who called sudo for this process, empty where nobody did."""
    name = os.environ.get("SUDO_USER", "")
    return "" if name == "root" else name


def needed(module: StepModule) -> List[str]:
    """Return who has to be in the group. Fails the step where the rules cannot be read."""
    code, output, errors = module.run_command([module.get_bin_path("cvtsudoers", required=True), "-f", "json", "/etc/sudoers"])
    if code:
        module.fail_json(msg="cvtsudoers cannot read the rules of sudo: %s. Nothing was changed." % errors.strip())
    people = [one.pw_name for one in pwd.getpwall() if 1000 <= one.pw_uid < 65534]
    found = sudo_group.users(json.loads(output), members_of, people)
    known = {one.pw_name for one in pwd.getpwall()}
    asked = {name for name in (module.params["user"], caller()) if name and name != "root"}
    return sorted({*(name for name in found if name in known), *asked})


def plan_of(module: StepModule, has: Has, known: Dict[str, Any]) -> sudo_group.Plan:
    """Return what is to be done."""
    group = str(known.get("group") or module.params["group"]) if module.params["state"] == "absent" else module.params["group"]
    exists, members = True, members_of(group)
    try:
        gid = grp.getgrnam(group).gr_gid
    except KeyError:
        exists, gid = False, -1
    if module.params["state"] == "absent":
        return sudo_group.absent(members, gid, known)
    right = has.gid == gid and not has.mode & ~sudo_group.MODE
    name = caller()
    session = [status for _process, status in ancestry.generations(session_sandbox.process_of_session())]
    in_session = not name or gid in sudo_group.session_groups(session, pwd.getpwnam(name).pw_uid)
    return sudo_group.present(group, needed(module), exists, members, right, in_session, known)


def carry_out(
    module: StepModule, plan: sudo_group.Plan, group: str, paths: Paths, has: Has, after: Has, forgotten: List[Dict[str, Any]]
) -> str:
    """Record how to take it back, change the members and sudo. after: the gid -1 is that of the group. Returns the id of the change."""
    from ansible_collections.groundwork.fleet.plugins.module_utils import undo_effects  # pylint: disable=import-outside-toplevel

    module.about_to_change()
    done = sudo_group.effects(plan, group) + forgotten
    if plan.change:
        done += permissions.effects({SUDO: after}, {SUDO: has})
    change = undo_effects.noted(module, done, JOURNAL)
    adding = [command for command in sudo_group.commands(plan, group) if command[0] == "groupadd" or command[1] == "--add"]
    leaving = [command for command in sudo_group.commands(plan, group) if command not in adding]
    for command in adding:
        act(module, command)
    if plan.change:
        gid = grp.getgrnam(group).gr_gid if after.gid < 0 else after.gid
        paths.set(SUDO, has, Has(after.mode, after.uid, gid))
    for command in leaving:
        act(module, command)
    return change


def act(module: StepModule, command: List[str]) -> None:
    """Run a program that has to work."""
    code, _output, errors = module.run_command([module.get_bin_path(command[0], required=True, opt_dirs=["/usr/sbin"]), *command[1:]])
    if code:
        module.fail_json(msg="%s failed: %s" % (" ".join(command), errors.strip()))


def run(module: StepModule) -> None:
    """Observe, plan, remember, change."""
    record = os.path.join(MEMORY, module.params["owner"] + ".json")
    known = originals.recall(record)
    present = module.params["state"] == "present"
    group = module.params["group"] if present else str(known.get("group") or module.params["group"])
    if not sudo_group.GROUP.match(group):
        module.fail_json(msg=str(bad_input("group", group, "the name of a group", "Use small letters, digits, - and _.")))
    paths = Paths()
    has = paths.observe(SUDO)
    if has is None or not has.mode & stat.S_ISUID or (not present and not known):
        paths.close()
        module.exit_json(changed=False, change="", pending=False, diff={"before": "", "after": ""})
    plan = plan_of(module, has, known)
    if present and plan.change and not plan.remembered["before"]:
        plan.remembered["before"] = [has.mode, has.uid, has.gid]
    changed = bool(plan.change or plan.make or plan.drop or plan.add or plan.remove)
    first = plan.remembered.get("before") or known.get("before") or [has.mode, has.uid, has.gid]
    after = (Has(sudo_group.MODE, 0, -1) if present else Has(*first)) if plan.change else has
    shown = group if after.gid < 0 else name_of("group", after.gid)
    members, name, change = members_of(group), name_of("group", has.gid), ""
    if changed and not module.check_mode:
        try:
            kept = plan.remembered if present else {}
            with originals.kept(record, known, kept, MEMORY):
                change = carry_out(module, plan, group, paths, has, after, originals.effects(record, known, kept, MEMORY))
        except (BadInput, OSError) as error:
            module.fail_json(msg="sudo: %s" % error)
    paths.close()
    module.exit_json(
        changed=changed,
        change=change,
        pending=plan.pending,
        diff={
            "before": sudo_group.described(SUDO, has, name, members),
            "after": sudo_group.described(SUDO, after, shown, sorted({*members, *plan.add} - set(plan.remove))),
        },
    )
