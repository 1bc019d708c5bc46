# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep on the controller what the audit of one host came to."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import audit, settings
from ansible_collections.groundwork.fleet.plugins.plugin_utils.controller_action import ControllerAction
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports import store
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import HostReport
from ansible_collections.groundwork.fleet.plugins.plugin_utils.run_identity import run_identity

ARGUMENTS: dict[str, dict[str, Any]] = {
    "directory": {"type": "path", "required": True},
    "results": {"type": "list", "elements": "dict", "default": []},
    "problem": {"type": "str", "default": ""},
    "properties": {"type": "dict", "default": {}},
    "mode": {"type": "str", "default": "0600"},
    "kind": {"type": "str", "choices": list(audit.KINDS), "default": audit.KIND},
}


class ActionModule(ControllerAction):
    """The action of this file."""

    _VALID_ARGS = frozenset(ARGUMENTS)

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the score, the counts and where the report of the host lies."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _validation, arguments = self.validate_argument_spec(ARGUMENTS)
        name = str((task_vars or {}).get("inventory_hostname"))
        properties = {str(key): str(value) for key, value in arguments["properties"].items()}
        try:
            mode = audit.file_mode(arguments["mode"])
            host = HostReport(name, tuple(audit.item(one) for one in arguments["results"]), audit.problem(arguments["problem"]), properties)
            now, version = datetime.datetime.now(datetime.UTC), audit.collection_version(settings.COLLECTION)
            details = {str(one["id"]): audit.detail(one) for one in arguments["results"]}
            made = audit.report("Audit of " + name, now, [host], {store.RUN: run_identity()}, version, details, arguments["kind"])
            path = store.keep_host(Path(arguments["directory"]), made, mode)
        except (BadInput, OSError) as error:
            raise AnsibleActionFail(str(error)) from error
        result.update(changed=False, score=host.score, counts=dict(host.counts), problem=host.problem, path=str(path))
        return result
