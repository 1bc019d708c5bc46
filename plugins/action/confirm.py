# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arm a guard on the host, and confirm it over a new connection."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.groundwork.fleet.plugins.plugin_utils import confirmation


class ActionModule(ActionBase):
    """The action of this file."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False
    _VALID_ARGS = frozenset(("state", "timeout", "force"))

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return what became of the guard."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        host = str(self._task.delegate_to or variables.get("inventory_hostname") or "")
        state = self._task.args.get("state")
        if state == "confirmed" and not self._task.check_mode:
            answer = confirmation.confirm(self, host, variables)
        else:
            arguments = {**self._task.args, **confirmation.credentials(host)}
            answer = self._execute_module(module_name=confirmation.MODULE, module_args=arguments, task_vars=variables)
            if answer.get("state") == "armed" and state == "armed" and not answer.get("failed") and not self._task.check_mode:
                confirmation.note_armed(host, float(answer["left"]) + 1)
            elif answer.get("state") in ("disarmed", "restored"):
                confirmation.forget(host)
        result.update(answer)
        return result
