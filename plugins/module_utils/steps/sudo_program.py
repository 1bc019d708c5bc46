# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let the program sudo start for the members of one group alone, and give it back to everybody later."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from typing import Any, Dict

from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal, originals, sudo_program, undo_effects
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

MEMORY = "/var/lib/groundwork/sudo_program"

ARGUMENTS: Dict[str, Any] = {
    "owner": {"type": "str", "required": True},
    "sudo_program": {"type": "dict", "default": {}},
    "user": {"type": "str", "default": ""},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "change": {"type": "str", "default": ""},
    "run": {"type": "str", "default": ""},
}
JOURNAL = change_journal.JOURNAL


def people(user: str) -> Dict[str, sudo_program.Person]:
    """Return the accounts of this host, and that of the connection, which a directory may hold."""
    accounts = {one.pw_name: one for one in pwd.getpwall()}
    if user and user not in accounts:
        accounts[user] = pwd.getpwnam(user)
    names = {one.gr_gid: one.gr_name for one in grp.getgrall()}
    found = {}
    for name, account in accounts.items():
        numbers = os.getgrouplist(name, account.pw_gid)
        found[name] = sudo_program.Person(account.pw_uid, tuple(names[one] for one in numbers if one in names), tuple(numbers))
    return found


def observe(module: StepModule, asks: bool) -> sudo_program.Seen:
    """Return the host as it is; who may do something only where that is asked."""
    info = os.stat(sudo_program.PROGRAM)
    program = sudo_program.Program(pwd.getpwuid(info.st_uid).pw_name, grp.getgrgid(info.st_gid).gr_name, "%o" % stat.S_IMODE(info.st_mode))
    listing = module.run_command(["dpkg-statoverride", "--list"])[1]
    groups = {one.gr_name: tuple(one.gr_mem) for one in grp.getgrall()}
    found = sudo_program.entitled(module.run_command(sudo_program.RULES)[1], people(module.params["user"])) if asks else ()
    return sudo_program.Seen(program, groups, sudo_program.overrides(listing), found)


def carry_out(module: StepModule, plan: sudo_program.Plan) -> None:
    """Run the commands; the first that fails ends the step, with what it said."""
    for one in plan.commands:
        code, _output, errors = module.run_command(one["command"])
        if code:
            module.fail_json(msg="%s failed: %s" % (" ".join(one["command"]), " ".join(errors.split()) or "exit status %d" % code))


def run(module: StepModule) -> None:
    """Observe, plan, remember, carry out."""
    record = os.path.join(MEMORY, module.params["owner"] + ".json")
    known: Dict[str, Any] = originals.recall(record)
    try:
        group = sudo_program.wanted(module.params["sudo_program"]) if module.params["state"] == "present" else ""
    except BadInput as error:
        module.fail_json(msg=str(error))
    here = os.path.exists(sudo_program.PROGRAM) and module.get_bin_path("dpkg-statoverride")
    if not here or not (group or known):
        module.exit_json(changed=False, change="", members=[], diff={"before": "", "after": ""})
    try:
        sudo_program.same(group, known)
        seen = observe(module, bool(group))
        plan = sudo_program.present(seen, group, known) if group else sudo_program.absent(seen, known)
        sudo_program.lets_in(module.params["user"] if group else "", seen)
    except BadInput as error:
        module.fail_json(msg=str(error))
    except KeyError:
        module.fail_json(msg=str(sudo_program.stranger(module.params["user"])))
    change = ""
    if not module.check_mode:
        if plan.commands:
            module.about_to_change()
            change = undo_effects.noted(module, sudo_program.effects(plan), JOURNAL)
        with originals.kept(record, known, plan.remembered, MEMORY):
            carry_out(module, plan)
    module.exit_json(
        changed=bool(plan.commands),
        change=change,
        members=list(seen.entitled),
        diff=sudo_program.described(seen, group or known["group"], plan),
    )
