# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the reports of an audit on the controller, from what this run kept of each host."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import audit, settings
from ansible_collections.groundwork.fleet.plugins.plugin_utils.controller_action import ControllerAction
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports import store
from ansible_collections.groundwork.fleet.plugins.plugin_utils.run_identity import run_identity

ARGUMENTS: dict[str, dict[str, Any]] = {
    "directory": {"type": "path", "required": True},
    "hosts": {"type": "list", "elements": "str", "required": True},
    "title": {"type": "str", "default": "Audit"},
    "properties": {"type": "dict", "default": {}},
    "formats": {"type": "list", "elements": "str"},
    "fail_below": {"type": "int"},
    "mode": {"type": "str", "default": "0600"},
    "kind": {"type": "str", "choices": list(audit.KINDS), "default": audit.KIND},
}


class ActionModule(ControllerAction):
    """The action of this file."""

    _VALID_ARGS = frozenset(ARGUMENTS)

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the score of the fleet, the lines for a terminal and where the reports lie."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _validation, arguments = self.validate_argument_spec(ARGUMENTS)
        directory = Path(arguments["directory"])
        properties = {str(key): str(value) for key, value in arguments["properties"].items()} | {store.RUN: run_identity()}
        try:
            mode = audit.file_mode(arguments["mode"])
            now, version = datetime.datetime.now(datetime.UTC), audit.collection_version(settings.COLLECTION)
            empty = audit.report(arguments["title"], now, [], properties, version, kind=arguments["kind"])
            made = store.with_hosts(directory, empty, arguments["hosts"])
            if made.kind == audit.KIND:  # what hosts of another kind have in common says nothing of the run
                made = replace(made, properties={**audit.shared_properties(made), **made.properties})
            paths = [str(path) for path in store.keep(directory, made, arguments["formats"], mode)]
        except (BadInput, OSError) as error:
            raise AnsibleActionFail(str(error)) from error
        result.update(changed=False, score=made.score, counts=dict(made.counts), paths=paths, table=audit.table(made))
        low = audit.below(made, arguments["fail_below"]) if arguments["fail_below"] is not None else []
        if low:
            result.update(failed=True, msg=audit.too_low(low, arguments["fail_below"], str(directory)))
        return result
