# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge the variables of a host on the controller, before anything is touched."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from ansible import constants
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import (
    catalogue,
    preflight,
    reach,
    secret_reference,
    secret_tasks,
    secrets,
    settings,
    waivers,
)
from ansible_collections.groundwork.fleet.plugins.plugin_utils.controller_action import ControllerAction
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_values import SecretValues
from ansible_collections.groundwork.fleet.plugins.plugin_utils.yaml_files import yaml_loader


class ActionModule(ControllerAction):
    """The action of this file."""

    _VALID_ARGS = frozenset(("roles",))

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return what was checked, or one message with every problem."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        secret_tasks.from_now_on()
        _validation, arguments = self.validate_argument_spec({"roles": {"type": "list", "elements": "str", "default": []}})
        try:
            found = preflight.judge(variables, arguments["roles"], self._surroundings(variables))
        except BadInput as error:
            found = preflight.Judgement(problems=[str(error)])
        ignored = [str(pattern) for pattern in constants.INVENTORY_IGNORE_PATTERNS or ()]
        found.problems.extend(preflight.read_as_inventory(variables.get("ansible_inventory_sources"), ignored))
        result["changed"] = False
        if found.warnings:
            result["warnings"] = found.warnings
        if found.problems:
            host = str(variables.get("inventory_hostname"))
            result.update(failed=True, msg=reach.message(host, found.problems))
        else:
            backends = sorted({reference["backend"] for reference in found.references})
            result.update(checked=found.checked, references=found.references, backends=backends, bounds=found.bounds)
        return result

    def _surroundings(self, variables: Mapping[str, Any]) -> preflight.Surroundings:
        render = self._templar.template
        roots = functools.cache(
            lambda: catalogue.directories(render(variables.get("fleet_catalogue_directories")), render(variables.get("inventory_dir")))
        )

        def entries(kind: str) -> catalogue.Entries:
            return catalogue.Entries(roots(), kind, yaml_loader(self._loader, trusted=False))

        return preflight.Surroundings(
            prefixes=preflight.role_names(settings.COLLECTION),
            spec=functools.partial(preflight.role_spec, settings.COLLECTION),
            render=render,
            resolve=self._resolver(variables),
            service_catalogue=lambda: entries("services"),
            exporters=lambda: entries("exporters"),
            controls=lambda: entries("controls"),
            log_outputs=lambda: entries("log_outputs"),
            folders=lambda role: settings.work_directories(role, yaml_loader(self._loader)),
            today=waivers.today(),
            defaults=lambda role: settings.given_values(settings.role_spec(role, yaml_loader(self._loader)), {}, render),
            hosts=frozenset(variables.get("groups", {}).get("all", ())),
            groups=frozenset(variables.get("groups", {})),
        )

    def _resolver(self, variables: Mapping[str, Any]) -> Callable[[list[tuple[str, str]]], list[preflight.Resolution]]:
        # As in check mode: what is missing and can be generated is named, not made.
        values = SecretValues(self._loader, self._templar, variables, check_mode=True)

        def resolve(asked: list[tuple[str, str]]) -> list[preflight.Resolution]:
            found, right = {}, []
            for place, text in asked:
                try:
                    secrets.checked(text, place, values.context.backends)
                    right.append((place, text))
                except BadInput as error:
                    found[place] = preflight.Resolution(place, text, problem=str(error))
            for (place, text), answer in zip(right, values.answers(right), strict=True):
                if answer.value is None:
                    problem = str(secrets.refused(text, place, answer.backend, answer.refusal))
                    found[place] = preflight.Resolution(place, text, answer.backend, problem)
                else:
                    secret = secret_reference.as_text(answer.value)
                    found[place] = preflight.Resolution(place, text, answer.backend, pending=answer.pending, secret=secret)
            return [found[place] for place, _text in asked]

        return resolve
