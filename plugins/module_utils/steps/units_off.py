# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stop and mask units that are not to run, where a host has them, and bring them back as they were later."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Mapping

from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal, originals, systemd, undo_effects
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import units as units_step

MEMORY = "/var/lib/groundwork/units_off"

ARGUMENTS: Dict[str, Any] = {
    "owner": {"type": "str", "required": True},
    "units_off": {"type": "dict", "default": {}},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "timeout": {"type": "int", "default": 30},
    "change": {"type": "str", "default": ""},
    "run": {"type": "str", "default": ""},
}
JOURNAL = change_journal.JOURNAL
State = Dict[str, bool]  # of a unit before: {"active": whether it ran}; what enables it stays behind the mask


def wanted(off: List[str], known: Mapping[str, State]) -> List[systemd.Wanted]:
    """Return the units as they are to be: those of `off` masked, those that are only remembered as they were."""
    options: Dict[str, Any] = {name: {"state": "stopped", "masked": True} for name in off}
    for name, before in known.items():
        if name not in options:
            options[name] = {"state": "started" if before["active"] else None, "masked": False}
    return systemd.wanted_units(options)


def remembered(off: List[str], known: Mapping[str, State], observed: Mapping[str, systemd.Observed]) -> Dict[str, State]:
    """Return what to remember of the units that are off: what they were before they first were."""
    found = {}
    for name in off:
        seen = observed[name]
        if name in known:
            found[name] = known[name]
        elif not seen.is_masked:
            found[name] = {"active": seen.active in systemd.RUNNING}
    return found


def restored(host: units_step.Host, asked: List[systemd.Wanted], plan: systemd.Plan, observed: Dict[str, systemd.Observed]) -> systemd.Plan:
    """Unmask what comes back, and return the plan for what still exists: its package may be gone by now."""
    if not plan.unmask:
        return plan
    host.act("unmask", plan.unmask)
    host.act("daemon-reload", [])
    now = {**observed, **host.observe(plan.unmask)}
    return systemd.decide([unit for unit in asked if now[unit.name].exists], now, [], {}, 0.0)


def run(module: StepModule) -> None:
    """Observe, plan, remember, carry out."""
    record = os.path.join(MEMORY, module.params["owner"] + ".json")
    known: Dict[str, State] = originals.recall(record)
    present = module.params["state"] == "present"
    names = [name for name, is_off in module.params["units_off"].items() if is_off] if present else []
    host = units_step.Host(module, module.params["timeout"])
    try:
        systemd.wanted_units(dict.fromkeys(names))
        observed = host.observe(sorted({*names, *known})) if host.systemctl else {}
    except BadInput as error:
        module.fail_json(msg=str(error))
    off = [name for name in names if name in observed and observed[name].exists]
    asked = wanted(off, {name: before for name, before in known.items() if name in observed})
    plan = systemd.decide(asked, observed, [], {}, 0.0)
    # What somebody else unmasked meanwhile is his.
    plan.start = [name for name in plan.start if name in plan.unmask]
    result = {
        "changed": plan.changed,
        "change": "",
        "off": off,
        "restored": plan.unmask,
        "diff": {"before": systemd.described(asked, observed), "after": systemd.described(asked, observed, plan)},
    }

    def fail(seen: systemd.Observed, message: str = "") -> None:
        module.fail_json(msg=message or systemd.failure(seen, host.timeout, host.journal(seen.name)), unit=seen.name)

    if host.systemctl and not module.check_mode:
        kept = remembered(off, known, observed)
        if plan.changed:
            module.about_to_change()
            told = undo_effects.of_units(plan, observed) + originals.effects(record, known, kept, MEMORY)
            result["change"] = undo_effects.noted(module, told, JOURNAL)
        with originals.kept(record, known, kept, MEMORY):
            if plan.changed:
                now = restored(host, asked, plan, observed)
                units_step.carry_out(host, now, [unit for unit in asked if unit.name not in plan.unmask or unit.name in now.start], fail)
    module.exit_json(**result)
