# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the hooks of the services that a deployment is about to change, and those that follow it."""

from __future__ import annotations

from typing import Any, Dict, List

from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal, deploy_hooks, rollback
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, refuse_unknown_options
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

ARGUMENTS: Dict[str, Any] = {
    "services": {"type": "dict", "default": {}},
    "stage": {"type": "str", "choices": ["before", "after"], "required": True},
    "foreseen": {"type": "list", "elements": "str", "default": []},
}
OPTIONS = ("units", "paths", *deploy_hooks.BEFORE, *deploy_hooks.AFTER)
JOURNAL = change_journal.JOURNAL
Hooks = Dict[str, Dict[str, Any]]


def parsed(services: Dict[str, Any]) -> Hooks:
    """Judge the input. Raises BadInput."""
    found: Hooks = {}
    for name, given in services.items():
        where = "services[%r]" % name
        if not isinstance(given, dict):
            raise bad_input(where, given, "a mapping of %s" % ", ".join(OPTIONS), "Write {units: [...], drain: {argv: [...]}}.")
        refuse_unknown_options(where, given, OPTIONS)
        hooks = {key: given[key] for key in (*deploy_hooks.BEFORE, *deploy_hooks.AFTER) if given.get(key)}
        found[str(name)] = {key: deploy_hooks.checked("%s.%s" % (where, key), hook) for key, hook in hooks.items()}
    return found


def due(services: Dict[str, Any], foreseen: List[str]) -> List[str]:
    """Return the services of which a unit is going to be started or restarted, or a path to change."""
    return [name for name, given in services.items() if {*given.get("units", []), *given.get("paths", [])} & set(foreseen)]


def before(hooks: Hooks, names: List[str]) -> List[str]:
    """Run what precedes a deployment, and remember what has to follow it. Returns the hooks that ran. Raises BadInput."""
    ran = []
    for name in names:
        if "before_deploy" in hooks[name]:
            deploy_hooks.run("services.%s.hooks.before_deploy" % name, hooks[name]["before_deploy"])
            ran.append("%s.before_deploy" % name)
    for name in names:
        # Remembered first: who is killed while it is drained is taken in again by the next run.
        record = rollback.read(JOURNAL) or rollback.Record()
        record.hooks[name] = {key: hooks[name][key] for key in deploy_hooks.AFTER if key in hooks[name]}
        rollback.write(record, JOURNAL)
        if "drain" in hooks[name]:
            deploy_hooks.run("services.%s.hooks.drain" % name, hooks[name]["drain"])
            ran.append("%s.drain" % name)
    return ran


def after(record: rollback.Record) -> List[str]:
    """Run what follows the deployments that are proven. Returns the hooks that ran. Raises BadInput."""
    ran = []
    for name, hooks in list(record.hooks.items()):
        for key in deploy_hooks.AFTER:
            if key in hooks:
                deploy_hooks.run("services.%s.hooks.%s" % (name, key), hooks[key])
                ran.append("%s.%s" % (name, key))
        del record.hooks[name]
        rollback.write(record, JOURNAL)
    return ran


def run(module: StepModule) -> None:
    """Judge, decide, run."""
    services, stage = module.params["services"], module.params["stage"]
    result: Dict[str, Any] = {"changed": False, "deploying": [], "ran": []}
    try:
        hooks = parsed(services)
        names = [name for name in due(services, module.params["foreseen"]) if hooks[name]] if stage == "before" else []
        record = rollback.read(JOURNAL) if stage == "after" else None
        result["deploying"] = names or sorted(record.hooks if record else [])
        result["changed"] = bool(result["deploying"])
        if result["changed"] and not module.check_mode:
            module.about_to_change()
            if names:
                result["ran"] = before(hooks, names)
            elif record:
                result["ran"] = after(rollback.read(JOURNAL) or record)
    except BadInput as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)
