# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell which programs a host has."""

from __future__ import annotations

from typing import Any, Dict

from ansible_collections.groundwork.fleet.plugins.module_utils.program_paths import located
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

ARGUMENTS: Dict[str, Any] = {"names": {"type": "list", "elements": "str", "required": True}}


def run(module: StepModule) -> None:
    """Look."""
    found = {name: path for name in module.params["names"] for path in [located(name)] if path}
    module.exit_json(changed=False, found=found, missing=[name for name in module.params["names"] if name not in found])
