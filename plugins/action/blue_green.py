# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge the services and their checks on the controller, and send the source of the check types along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import blue_green, health, health_input
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils.run_action import RunAction


class ActionModule(RunAction):
    """The action of the module of this name."""

    MODULE = "groundwork.fleet.blue_green"

    def prepare(self, arguments: Mapping[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """Return the module's arguments. Raises BadInput for what the host would refuse, before an earlier step has written."""
        services = arguments.get("services")
        if not isinstance(services, Mapping):
            raise bad_input("services", services, "a mapping of name to service", "See ansible-doc groundwork.fleet.blue_green.")
        types, sources = health.check_types(), dict[str, str]()

        def load(name: str) -> health.CheckType:
            sources[name] = types[name].read_text(encoding="utf-8")
            return health.load_type(name, sources[name])

        total = health_input.seconds(arguments.get("timeout", "5m"), "timeout")
        for deployment in blue_green.wanted(services):
            for name, colour in deployment.colours.items():
                where = f"services[{deployment.name!r}].colours.{name}.checks"
                health_input.parse(dict(colour.checks), types, load, total, where)
            health_input.parse(dict(deployment.checks), types, load, total, f"services[{deployment.name!r}].checks")
        return {**super().prepare(arguments, variables), "sources": sources}
