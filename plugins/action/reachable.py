# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prove that a host can be managed; one message for one that cannot."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleConnectionFailure
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible_collections.groundwork.fleet.plugins.plugin_utils import reach


class ActionModule(ActionBase):
    """The action of this file."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False
    _VALID_ARGS: frozenset[str] = frozenset(("facts", "bounds"))

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the address and what the host is, or why it cannot be managed; and what is declared that its disk has no room for."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        variable, address = reach.address_of(variables, self._templar.template)
        bounds = self._task.args.get("bounds") or []
        result.update(changed=False, address=address, refusal="")
        wants_facts = boolean(self._task.args.get("facts", False), strict=False) and not reach.has_facts(variables)
        module, options = reach.question(wants_facts, bounds)
        try:
            answer = self._execute_module(module_name=module, module_args=options, task_vars=variables)
        except AnsibleConnectionFailure as error:
            reason = str(getattr(error, "message", error))
            port = self._templar.template(variables.get("ansible_port"))
            result.update(unreachable=True, msg=reach.unreachable(variable, address, port, reason))
            return result
        # Of a ping: which Python it is, so that the next task need not look for it again.
        result.update({name: answer[name] for name in ("ansible_facts", "unit_files", "warnings") if name in answer})
        if answer.get("failed") or (answer.get("ping") != "pong" and "unit_files" not in answer):
            reason = str(answer.get("module_stderr") or answer.get("msg") or "no answer")
            result.update(failed=True, msg=reach.not_managed(variable, address, reason))
        elif bounds:
            problems = reach.refused_bounds(bounds, answer)
            result["refusal"] = reach.message(str(variables.get("inventory_hostname")), problems) if problems else ""
        return result
