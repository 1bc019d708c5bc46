# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say on the host which run takes a change back."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.groundwork.fleet.plugins.plugin_utils.run_identity import run_identity


class ActionModule(ActionBase):
    """Take a change back."""

    TRANSFERS_FILES = False
    _VALID_ARGS = frozenset(("change", "force"))

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Call the module with the name of this run."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        arguments = {**self._task.args, "run": run_identity()}
        result.update(self._execute_module(module_name="groundwork.fleet.undo", module_args=arguments, task_vars=task_vars))
        return result
