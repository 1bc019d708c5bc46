# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring accounts and groups to what is declared."""

from __future__ import annotations

import grp
import json
import os
import time
from dataclasses import replace
from typing import Any, Dict, List, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils import (
    account_observe,
    account_trial,
    change_journal,
    sshd_trial,
    undo_effects,
)
from ansible_collections.groundwork.fleet.plugins.module_utils import accounts as accounts_util
from ansible_collections.groundwork.fleet.plugins.module_utils.account_effects import effects
from ansible_collections.groundwork.fleet.plugins.module_utils.account_host import Host, shells
from ansible_collections.groundwork.fleet.plugins.module_utils.account_lock import HOMES
from ansible_collections.groundwork.fleet.plugins.module_utils.account_refusals import unusable_shells, would_drop
from ansible_collections.groundwork.fleet.plugins.module_utils.anchored_paths import replace_durably
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

RECORD = "/var/lib/groundwork/accounts.json"
SUDOERS = "/etc/sudoers.d"
SHELLS = "/etc/shells"
PREFIX = account_trial.PREFIX
IN_USE_BY_PROCESS = 8
MAY_FAIL = ("loginctl", "pkill", "atrm")  # who has no session, no process, no job any more: nothing is left to do

ARGUMENTS: Dict[str, Any] = {
    "accounts": {"type": "dict", "default": {}},
    "groups": {"type": "dict", "default": {}},
    "sudo_files": {"type": "dict", "default": {}},
    "others": {"type": "str", "choices": ["keep", "lock"], "default": "keep"},
    "connecting_user": {"type": "str", "default": ""},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "change": {"type": "str", "default": ""},
    "run": {"type": "str", "default": ""},
}
JOURNAL = change_journal.JOURNAL


def remember(record: Dict[str, Any]) -> None:
    """Write the record durably, root only; an empty one is taken away."""
    if not record:
        if os.path.exists(RECORD):
            os.unlink(RECORD)
        return
    os.makedirs(os.path.dirname(RECORD), mode=0o755, exist_ok=True)
    replace_durably(RECORD, json.dumps(record, indent=1, sort_keys=True).encode(), 0o600)


def observe(connecting_user: str) -> Host:
    """Return what the host has."""
    drop_ins = account_observe.names(SUDOERS)
    return Host(
        users=account_observe.users(),
        groups=[group.gr_name for group in grp.getgrall()],
        record=json.loads(account_observe.read(RECORD) or "{}"),
        sudoers=sorted(name[len(PREFIX) :].replace("%2E", ".") for name in drop_ins if name.startswith(PREFIX)),
        in_use=[name for name in (connecting_user, os.environ.get("SUDO_USER", "")) if name],
        sudo_user=os.environ.get("SUDO_USER", ""),
        shells=shells(account_observe.read(SHELLS)),
        archives=account_observe.names(HOMES),
    )


def with_used_key(host: Host, accounts: Dict[str, Any]) -> Host:
    """Return the host with the key of the connection, where an account in use would lose one: the journal is read only then."""
    for name in host.in_use:
        if name in accounts and would_drop(accounts[name], host.users.get(name)):
            return replace(host, used_key=sshd_trial.used_key(name, sshd_trial.connection()))
    return host


def carry_out(module: StepModule, commands: List[List[str]]) -> None:
    """Run the commands. Archives are root's alone. The sessions of an account that is removed are ended."""
    for command in commands:
        program = module.get_bin_path(command[0], required=command[0] not in MAY_FAIL, opt_dirs=["/usr/sbin"])
        if program is None:
            continue
        mask = os.umask(0o077)
        if command[0] != "tar":
            os.umask(mask)
        code, _output, errors = module.run_command([program, *command[1:]])
        os.umask(mask)
        loginctl = module.get_bin_path("loginctl")
        if code == IN_USE_BY_PROCESS and command[0] == "userdel" and loginctl:
            module.run_command([loginctl, "terminate-user", command[-1]])
            for _attempt in range(20):
                time.sleep(0.5)
                code, _output, errors = module.run_command([program, *command[1:]])
                if code != IN_USE_BY_PROCESS:
                    break
        if code != 0 and command[0] not in MAY_FAIL:
            module.fail_json(msg="'%s' failed: %s" % (" ".join(command), errors.strip()), rc=code)


def planned(module: StepModule, host: Host) -> accounts_util.Plan:
    """Return what has to be done. Fails the step, before anything is done, for what is refused."""
    try:
        if module.params["state"] == "absent":
            return accounts_util.plan_removal(host)
        day = time.strftime("%Y-%m-%d")
        return accounts_util.plan(module.params["accounts"], module.params["groups"], host, module.params["others"], day)
    except BadInput as error:
        module.fail_json(msg=str(error))
    raise AssertionError("fail_json came back")


def refuse_shells(module: StepModule, wanted: Dict[str, Any], shells: Sequence[str]) -> None:
    """Fail the step for shells that the host does not have. In check mode it warns: a package of the same run may bring one before."""
    messages = [str(refusal) for refusal in unusable_shells(wanted, account_observe.starts, shells)]
    if messages and not module.check_mode:
        module.fail_json(msg="%s Nothing was changed." % " ".join(messages))
    for message in messages:
        module.warn("%s A run that is no check refuses it." % message)


def proven(module: StepModule, host: Host, plan: accounts_util.Plan) -> List[str]:
    """Have sshd and sudo say whether who is connected still gets in. Fails the step where not; returns what is proven."""
    verdict = account_trial.verdict(plan, account_trial.staged(module.params["sudo_files"], host), host)
    if verdict.refusal:
        user = host.sudo_user or module.params["connecting_user"]
        remedy = "Nothing was changed. Connect as somebody else first, or mend users_accounts[%r]." % user
        module.fail_json(msg="users_accounts would lock out %r, the user of this connection: %s. %s" % (user, verdict.refusal, remedy))
    for sentence in verdict.unproven:
        module.warn("Before the change: %s. The new connection after it decides." % sentence)
    return verdict.proven


def run(module: StepModule) -> None:
    """Observe, plan, prove, carry out."""
    wanted = module.params["accounts"] if module.params["state"] == "present" else {}
    host = with_used_key(observe(module.params["connecting_user"]), wanted)
    refuse_shells(module, wanted, host.shells)
    plan = planned(module, host)
    sentences = proven(module, host, plan)
    change = ""
    if not module.check_mode:
        # Remembered first: what a run makes that is cut off here is known to be ours.
        known = {**host.record.get("accounts", {}), **plan.accounts}
        if plan.commands:
            module.about_to_change()
            change = undo_effects.noted(module, effects(plan.commands, host), JOURNAL)
            remember({"accounts": known, "groups": sorted({*host.record.get("groups", []), *plan.groups})})
            carry_out(module, plan.commands)
        if plan.record() != host.record or plan.commands:
            remember(plan.record())
    for name in plan.kept:
        remedy = "state: locked would lock it."
        module.warn("users_accounts[%r].state is absent, but groundwork.fleet did not create the account and keeps it; %s" % (name, remedy))
    for name in plan.undeclared:
        module.warn("The account %r is not declared any more: it is locked, without keys and rights. state: absent would remove it." % name)
    module.exit_json(
        changed=bool(plan.commands),
        change=change,
        authorized_keys=plan.keys,
        former=[name for name in host.sudoers if name not in wanted],
        removed=plan.removed,
        kept=plan.kept,
        locked=plan.locked,
        undeclared=plan.undeclared,
        proven=sentences,
        diff={"before": "", "after": "".join(" ".join(command) + "\n" for command in plan.commands)},
    )
