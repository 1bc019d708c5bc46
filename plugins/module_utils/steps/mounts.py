# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give mounted file systems the options that they are to have, and take them off later. What the next boot mounts is not its concern."""

from __future__ import annotations

import os
from typing import Any, Dict, List

from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal, mounts, originals, undo_effects
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

MEMORY = "/var/lib/groundwork/mounts"
MOUNTED = "/proc/self/mountinfo"

ARGUMENTS: Dict[str, Any] = {
    "owner": {"type": "str", "required": True},
    "mounts": {"type": "dict", "default": {}},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "change": {"type": "str", "default": ""},
    "run": {"type": "str", "default": ""},
}
JOURNAL = change_journal.JOURNAL


def remount(module: StepModule, plan: mounts.Plan, mounted: Dict[str, List[str]]) -> Dict[str, str]:
    """Remount what the plan names. Returns path to the kernel's reason for what it refused."""
    refused = {}
    for path, options in plan.remount.items():
        code, _output, errors = module.run_command(mounts.command(path, mounted[path], options))
        if code:
            refused[path] = " ".join(errors.split()) or "exit status %d" % code
            module.warn("%s keeps its mount options: %s." % (path, refused[path].rstrip(".")))
    return refused


def run(module: StepModule) -> None:
    """Observe, plan, remember, remount."""
    record = os.path.join(MEMORY, module.params["owner"] + ".json")
    known: Dict[str, List[str]] = originals.recall(record)
    try:
        options = mounts.wanted(module.params["mounts"]) if module.params["state"] == "present" else {}
    except BadInput as error:
        module.fail_json(msg=str(error))
    with open(MOUNTED, encoding="utf-8", errors="surrogateescape") as stream:
        mounted = mounts.parse(stream.read())
    plan = mounts.plan(options, mounted, known)
    change, refused = "", {}
    if not module.check_mode:
        if plan.remount:
            module.about_to_change()
            change = undo_effects.noted(
                module, mounts.effects(plan.remount, mounted) + originals.effects(record, known, plan.remembered, MEMORY), JOURNAL
            )
        with originals.kept(record, known, plan.remembered, MEMORY):
            refused = remount(module, plan, mounted)
    done = {path: given for path, given in plan.remount.items() if path not in refused}
    before, after = mounts.described(mounted, done)
    module.exit_json(
        changed=bool(done),
        change=change,
        remounted=done,
        refused=refused,
        not_mounted=plan.absent,
        diff={"before": before, "after": after},
    )
