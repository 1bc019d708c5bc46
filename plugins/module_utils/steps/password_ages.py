# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let passwords of accounts that exist end, and give them back the time that they had."""

from __future__ import annotations

import os
import time
from typing import Any, Dict, List

from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal, originals
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

MEMORY = "/var/lib/groundwork/password_ages"
SHADOW = "/etc/shadow"
DAY = 86400

ARGUMENTS: Dict[str, Any] = {
    "owner": {"type": "str", "required": True},
    "password_ages": {"type": "dict", "default": {}, "no_log": False},  # numbers of days
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "change": {"type": "str", "default": ""},
    "run": {"type": "str", "default": ""},
}
JOURNAL = change_journal.JOURNAL


def observed() -> Dict[str, List[str]]:
    """Return the fields of /etc/shadow after the password, by account; in place of the password whether there is one."""
    found = {}
    with open(SHADOW, encoding="utf-8", errors="replace") as stream:
        for line in stream:
            fields = line.rstrip("\n").split(":")
            if len(fields) > 4:
                found[fields[0]] = ["" if fields[1][:1] in ("!", "*") else "password", *fields[2:]]
    return found


def wanted(declared: Dict[str, Any]) -> Dict[str, str]:
    """Return account to the most days. Raises BadInput."""
    found = {}
    for name, ages in declared.items():
        where = "password_ages[%r]" % name
        if ages is None:
            continue
        if not isinstance(ages, dict) or list(ages) != ["maximum"]:
            raise bad_input(where, ages, "a mapping with maximum", "Write {maximum: 365}.")
        if isinstance(ages["maximum"], bool) or not isinstance(ages["maximum"], int) or ages["maximum"] < 1:
            raise bad_input(where + ".maximum", ages["maximum"], "a number of days", "Write 365.")
        found[name] = str(ages["maximum"])
    return found


def refuse_overdue(ages: Dict[str, str], accounts: Dict[str, List[str]]) -> None:
    """Raise BadInput for a password that would end at once: nobody would be there to change it."""
    today = int(time.time() // DAY)
    for name, days in ages.items():
        password, changed = accounts[name][0], accounts[name][1]
        if password and changed.isdigit() and today - int(changed) > int(days):
            remedy = "Change it first: passwd %s." % name
            raise bad_input("password_ages[%r]" % name, int(days), "more days than the %d of the password" % (today - int(changed)), remedy)


def command(name: str, days: str) -> List[str]:
    """Return what sets the most days of a password; none for a password that does not end."""
    return ["chage", "--maxdays", days or "-1", "--", name]


def run(module: StepModule) -> None:
    """Observe, plan, remember, change."""
    record = os.path.join(MEMORY, module.params["owner"] + ".json")
    known = originals.recall(record)
    try:
        declared = wanted(module.params["password_ages"]) if module.params["state"] == "present" else {}
        accounts = observed()
        ages = {name: days for name, days in declared.items() if name in accounts}
        plan = {name: days for name, days in ages.items() if accounts[name][3] != days}
        refuse_overdue(plan, accounts)
    except BadInput as error:
        module.fail_json(msg=str(error))
    plan.update((name, days) for name, days in known.items() if name not in ages and name in accounts and accounts[name][3] != days)
    before = {name: accounts[name][3] for name in plan}
    kept = {name: known.get(name, accounts[name][3]) for name in ages if name in known or name in plan}
    change = ""
    if not module.check_mode:
        if plan:
            from ansible_collections.groundwork.fleet.plugins.module_utils import undo_effects  # pylint: disable=import-outside-toplevel

            module.about_to_change()
            told = [
                {"undo": command(name, days), "what": "the password of %s ended after %s days" % (name, days)}
                for name, days in before.items()
            ]
            change = undo_effects.noted(module, told + originals.effects(record, known, kept, MEMORY), JOURNAL)
        with originals.kept(record, known, kept, MEMORY):
            for name, days in plan.items():
                code, _output, errors = module.run_command(command(name, days))
                if code:
                    module.fail_json(msg="chage refuses %s: %s" % (name, errors.strip()))
    module.exit_json(
        changed=bool(plan),
        change=change,
        diff={
            "before": "".join("%s: %s days\n" % item for item in sorted(before.items())),
            "after": "".join("%s: %s days\n" % item for item in sorted(plan.items())),
        },
    )
