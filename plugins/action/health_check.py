# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges the checks on the controller and sends the source of the check types they use along.

Ansible packs only those files of module_utils for a host that are imported by name. A registry has no such
names, so the types travel as texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.groundwork.fleet.plugins.module_utils import health, health_input, health_maintenance
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput


class ActionModule(ActionBase):
    """Run health checks on the host."""

    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Refuse wrong input before the host is asked."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        try:
            arguments = self.prepare(self._task.args, task_vars or {})
        except BadInput as error:
            raise AnsibleActionFail(str(error)) from error
        result.update(self._execute_module("groundwork.fleet.health_check", arguments, task_vars=task_vars))
        return result

    def prepare(self, given: Mapping[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """Return the module's arguments: the sources of the check types with them. Raises BadInput."""
        arguments = dict(given)
        types = health.check_types()
        sources: dict[str, str] = {}

        def load(name: str) -> health.CheckType:
            sources[name] = types[name].read_text(encoding="utf-8")
            return health.load_type(name, sources[name])

        total = health_input.seconds(arguments.get("timeout", 60), "timeout")
        health_input.parse(arguments.get("checks"), types, load, total)
        health_maintenance.windows(arguments.get("maintenance") or [])
        arguments["sources"] = sources
        return arguments
