# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge the units before anything is changed, and say on the host which run asks: it stands in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import systemd, unit_instances
from ansible_collections.groundwork.fleet.plugins.plugin_utils.run_action import RunAction


class ActionModule(RunAction):
    """The action of the module of this name."""

    MODULE = "groundwork.fleet.units"

    def prepare(self, arguments: Mapping[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """Return the module's arguments. Raises BadInput for what the host would refuse, before an earlier step has written."""
        units = arguments.get("units")
        if isinstance(units, Mapping):
            systemd.wanted_units(unit_instances.named({str(name): options for name, options in units.items()}))
        return super().prepare(arguments, variables)
