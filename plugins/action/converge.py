# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prepares all steps of a role on the controller and has the host take them in one process."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import action_loader
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import byte_code, confirmation, step_list
from ansible_collections.groundwork.fleet.plugins.plugin_utils.guarded_steps import confirmed, guard_timeout, interrupted, taken_back
from ansible_collections.groundwork.fleet.plugins.plugin_utils.run_identity import run_identity
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_values import SecretValues

ARGUMENTS = ("steps", "looks", "confirm", "rollback", "deployment")
RESOLVE_THEMSELVES = ("files",)  # a file takes a secret that is no text, and its templates take theirs when they are rendered
CARRIED = ("changed", "results", "changed_files", "change", "diff", "armed")


class ActionModule(ActionBase):
    """Run a list of steps."""

    TRANSFERS_FILES = False
    _requires_connection = True
    _timeout = 0
    _templar: Any
    _context: Mapping[str, Any] = MappingProxyType({})

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Refuse wrong input before the host is asked; then one call, and one more for each step that lacks something."""
        byte_code.keep()
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        self._actions: list[Any] = []
        try:
            for name in self._task.args:
                if name not in ARGUMENTS:
                    raise unknown_name("option", "groundwork.fleet.converge", name, ARGUMENTS)
            refusal, variables = self._looked(variables)
            if refusal:
                return {**result, **refusal}
            self._timeout = guard_timeout(self._templar.template(self._task.args.get("confirm", 0)))
            result.update(self._guarded(self._prepared(variables), variables))
        except BadInput as error:
            raise AnsibleActionFail(str(error)) from None
        finally:
            for action in self._actions:
                getattr(action, "_forget", bool)()  # files: what it rendered for a transfer
        return result

    def _guarded(self, steps: list[step_list.Step], variables: dict[str, Any]) -> dict[str, Any]:
        """Take the steps; where the host armed a guard before it changed, confirm over a new connection or have it all taken back."""
        host = str(self._task.delegate_to or variables.get("inventory_hostname") or "")
        if confirmation.armed_until(host) is not None:
            self._timeout = 0  # the play has armed a guard around this task: that one decides
        known = confirmation.credentials(host) if self._timeout else {"run": run_identity(), "token": ""}
        guard = {"timeout": self._timeout, "token": known["token"]} if self._timeout else {}
        rollback = boolean(self._task.args.get("rollback", False), strict=False)
        self._context = {"run": known["run"], "guard": guard, "rollback": rollback, "deployment": self._deployment()}
        try:
            answer = self._converged(steps, variables)
        except AnsibleConnectionFailure as error:
            if not self._timeout or self._task.check_mode:
                raise
            # The steps may still be running there, so nothing is confirmed.
            decided = confirmation.take_back(self, host, variables, time.monotonic() + self._timeout)
            return interrupted(str(getattr(error, "message", error)), decided)
        if not answer.pop("armed", False):
            return answer
        if answer.get("failed"):
            back = self._execute_module(module_name=confirmation.MODULE, module_args={"state": "restored", **known}, task_vars=variables)
            return taken_back(answer, back)
        return confirmed(answer, confirmation.confirm(self, host, variables, time.monotonic() + self._timeout))

    def _looked(self, variables: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Ask the host what the steps depend on; returns why that failed, and the variables with the answer."""
        looks = step_list.looks(self._task.args.get("looks"))
        if not looks.commands:
            return {}, variables
        step = step_list.checked(step_list.Step("looks", "observe", "looks", {"commands": looks.commands}))
        answer = self._call(step_list.packed([step]), variables)
        if answer.get("failed"):
            return {key: answer[key] for key in ("failed", "msg", "exception", "unreachable") if key in answer}, variables
        variables = {**variables, looks.register: answer["results"]["looks"]}
        self._templar = self._templar.copy_with_new_env(available_variables=variables)
        return {}, variables

    def _declared(self, variables: dict[str, Any]) -> Any:
        """Return the list of steps, evaluated here where the name of a variable is given: after the looks."""
        given = self._task.args.get("steps")
        if not isinstance(given, str):
            return given
        if given not in variables:
            raise unknown_name("variable", "steps", given, [name for name in variables if str(name).endswith("_steps")])
        return self._templar.template(variables[given])

    def _deployment(self) -> str:
        name = str(self._task.args.get("deployment") or "")
        if not re.fullmatch("[a-z_]*", name):
            raise bad_input("deployment", name, "a name of small letters and _", "It becomes a part of the name of a file.")
        return name

    def _prepared(self, variables: dict[str, Any]) -> list[step_list.Step]:
        steps = step_list.parse(self._declared(variables))
        secrets = SecretValues(self._loader, self._templar, variables, self._task.check_mode)
        for step in steps:
            if step.kind not in RESOLVE_THEMSELVES:
                step.options = secrets.resolved(step.options, f"{step.where}.{step.kind}")
        self._actions = [self._action_of(step) for step in steps]
        for step, action in zip(steps, self._actions, strict=True):
            if action is not None:
                try:
                    step.options = action.prepare(step.options, variables)
                except BadInput as error:
                    raise BadInput(f"{step.where}.{step.kind}: {error}") from error
        return [step_list.checked(step) for step in steps]

    def _action_of(self, step: step_list.Step) -> Any:
        """Return the action plugin of a step's module, as if the step were its task; None where the module has none."""
        task = self._task.copy()
        task.args = step.options
        return action_loader.get(
            f"groundwork.fleet.{step.kind}",
            task=task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )

    def _converged(self, steps: list[step_list.Step], variables: dict[str, Any]) -> dict[str, Any]:
        answer = self._call(step_list.packed(steps, **self._context), variables)
        resumed: set[int] = set()
        while "resume" in answer:
            number = answer["resume"]
            earlier = {key: answer[key] for key in CARRIED if key in answer}
            try:
                given = None if number in resumed else self._actions[number].provide(answer["pending"], variables)
                if given is None:
                    raise BadInput(f"{steps[number].where}.{steps[number].kind} needs what the controller does not have.")
            except BadInput as error:
                return {**earlier, "warnings": answer.get("warnings", []), "failed": True, "msg": str(error), "step": steps[number].id}
            resumed.add(number)
            steps[number].options.update(step_list.plain(given))
            warnings = answer.get("warnings") or []
            answer = {**earlier, **self._call(step_list.packed(steps, number, earlier, **self._context), variables)}
            if warnings:
                answer["warnings"] = [*warnings, *(answer.get("warnings") or [])]
        return answer

    def _call(self, steps: str, variables: dict[str, Any]) -> dict[str, Any]:
        arguments = {"steps": steps, **{name: self._task.args[name] for name in ARGUMENTS[1:] if name in self._task.args}}
        answer: dict[str, Any] = self._execute_module(module_name="groundwork.fleet.converge", module_args=arguments, task_vars=variables)
        answer.pop("ansible_module_results", None)  # ansible-core's copy of `results`
        return answer
