# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell the host what other owners want, where it asks for that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils.step_list import plain

MODULE = "groundwork.fleet.packages"
VARIABLE = "__%s_packages"


class ActionModule(ActionBase):
    """Calls the module, and once more with what the host lacks to decide."""

    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return what the module answers."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        try:
            arguments = self.prepare(self._task.args, variables)
            answer = self._execute_module(module_name=MODULE, module_args=arguments, task_vars=variables)
            if answer.get("needed") and not answer.get("failed"):
                given = {**arguments, **self.provide(answer, variables)}
                answer = self._execute_module(module_name=MODULE, module_args=given, task_vars=variables)
        except BadInput as error:
            raise AnsibleActionFail(str(error)) from None
        result.update(answer)
        return result

    def prepare(self, arguments: Mapping[str, Any], _variables: dict[str, Any]) -> dict[str, Any]:
        """Return the module's arguments."""
        return dict(arguments)

    def provide(self, answer: Mapping[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """Return what the owners want that the host asks for. Raises BadInput."""
        return {"others_present": {str(owner): self._wanted(str(owner), variables) for owner in answer["needed"]}}

    def _wanted(self, owner: str, variables: dict[str, Any]) -> dict[str, Any]:
        name = VARIABLE % owner
        remedy = "Declare it where the step is used, or take %r out of `others`." % owner
        if name not in variables:
            raise bad_input("others", owner, f"an owner whose packages the variable {name} tells", remedy)
        try:
            found = plain(self._templar.template(variables[name]))
        except AnsibleError as error:
            raise BadInput(f"The packages that {owner} wants cannot be told ({name}): {error}") from error
        if not isinstance(found, dict):
            raise bad_input(name, found, "a mapping from package to version", remedy)
        return found
