# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring settings of the running kernel to their values."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Mapping

from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal, kernel, originals
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

MEMORY = "/var/lib/groundwork/kernel"

ARGUMENTS: Dict[str, Any] = {
    "owner": {"type": "str", "required": True},
    "settings": {"type": "dict", "default": {}},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "change": {"type": "str", "default": ""},
    "run": {"type": "str", "default": ""},
}
JOURNAL = change_journal.JOURNAL


def observe(name: str) -> kernel.Observed:
    """Return a setting as the kernel has it."""
    path = kernel.path_of(name)
    try:
        with open(path, encoding="utf-8") as stream:
            return kernel.Observed(kernel.normalised(stream.read()), os.access(path, os.W_OK))
    except (FileNotFoundError, NotADirectoryError):
        return kernel.Observed(None, False)
    except OSError:
        return kernel.Observed("", False)


def journalled(module: StepModule, plan: kernel.Plan, before: Mapping[str, str], forgotten: List[Dict[str, Any]]) -> str:
    """Record, before anything is written, how to take it back. Returns the id of the change, empty where nothing is written."""
    if not plan.write:
        return ""
    from ansible_collections.groundwork.fleet.plugins.module_utils import undo_effects  # pylint: disable=import-outside-toplevel

    module.about_to_change()
    return undo_effects.noted(module, kernel.effects(plan.write, before) + forgotten, JOURNAL)


def write(module: StepModule, values: Mapping[str, str], returned: Mapping[str, str]) -> None:
    """Write values into the kernel."""
    for name, value in values.items():
        try:
            with open(kernel.path_of(name), "w", encoding="utf-8") as stream:
                stream.write(value + "\n")
        except OSError as error:
            if name not in returned:  # a one-way setting stays until the next boot
                module.fail_json(msg="The kernel refuses %s = %s: %s. Take it out of the settings." % (name, value, error.strerror))


def run(module: StepModule) -> None:
    """Observe, plan, remember, write."""
    record = os.path.join(MEMORY, module.params["owner"] + ".json")
    known: Dict[str, str] = originals.recall(record)
    present = module.params["state"] == "present"
    settings = {name: value for name, value in module.params["settings"].items() if value is not None} if present else {}
    returned = {name: value for name, value in known.items() if name not in settings}
    try:
        wanted = {**returned, **settings}
        observed = {name: observe(name) for name in wanted}
        plan = kernel.plan(wanted, observed)
    except BadInput as error:
        module.fail_json(msg=str(error))
    before = {name: observed[name].value or "" for name in plan.write}
    change = ""
    if not module.check_mode:
        remembered = {name: known.get(name, before.get(name, "")) for name in settings if name in known or name in plan.write}
        change = journalled(module, plan, before, originals.effects(record, known, remembered, MEMORY))
        with originals.kept(record, known, remembered, MEMORY):
            write(module, plan.write, returned)
    module.exit_json(
        changed=bool(plan.write),
        change=change,
        written=plan.write,
        read_only=[name for name in plan.read_only if name in settings],
        unknown=[name for name in plan.unknown if name in settings],
        diff={
            "before": "".join("%s = %s\n" % (name, value) for name, value in sorted(before.items())),
            "after": "".join("%s = %s\n" % (name, value) for name, value in sorted(plan.write.items())),
        },
    )
