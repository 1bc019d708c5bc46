# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action of a module that writes to the journal and needs nothing else of the controller: it says which run asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils.run_identity import run_identity
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_values import SecretValues


class RunAction(ActionBase):
    """Call the module of MODULE with the name of this run."""

    TRANSFERS_FILES = False
    MODULE = ""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return what the module answers."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        try:
            variables = task_vars or {}
            secrets = SecretValues(self._loader, self._templar, variables, self._task.check_mode)
            arguments = self.prepare(secrets.resolved(self._task.args, self.MODULE), variables)
        except BadInput as error:
            raise AnsibleActionFail(str(error)) from None
        result.update(self._execute_module(module_name=self.MODULE, module_args=arguments, task_vars=task_vars))
        return result

    def prepare(self, arguments: Mapping[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """Return the module's arguments."""
        return {**arguments, "run": run_identity()}
