# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts the logins in the place of their references, and judges them before the host is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import postgresql_roles
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils.run_action import RunAction


class ActionModule(RunAction):
    """The action of the module of this name."""

    MODULE = "groundwork.fleet.postgresql_logins"

    def prepare(self, arguments: Mapping[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """Return the module's arguments. Raises BadInput."""
        owners = arguments.get("owners") or {}
        if not isinstance(owners, Mapping):
            raise bad_input("owners", "", "a mapping", "Write {orders: {logins: secret://…}}.", secret=True)
        postgresql_roles.wanted(dict(owners))
        return dict(arguments)
