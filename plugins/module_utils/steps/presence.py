# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell which programs, paths and units a host has."""

from __future__ import annotations

import os
from typing import Any, Dict, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils.program_paths import located
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

ARGUMENTS: Dict[str, Any] = {
    "programs": {"type": "list", "elements": "str", "default": []},
    "paths": {"type": "list", "elements": "str", "default": []},
    "units": {"type": "list", "elements": "str", "default": []},
}
# systemd.unit(5), "Unit File Load Path"
UNIT_DIRECTORIES = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
)


def unit_file(name: str) -> Optional[str]:
    """Return the file of a unit, None where there is none or where it is masked."""
    for directory in UNIT_DIRECTORIES:
        path = os.path.join(directory, name)
        if os.path.lexists(path):
            return None if os.path.realpath(path) == "/dev/null" else path
    return None


def run(module: StepModule) -> None:
    """Look."""
    asked = module.params
    found = {
        "programs": {name: path for name in asked["programs"] for path in [located(name)] if path},
        "paths": {path: path for path in asked["paths"] if os.path.exists(path)},
        "units": {name: path for name in asked["units"] for path in [unit_file(name)] if path},
    }
    missing = {kind: [name for name in asked[kind] if name not in found[kind]] for kind in found}
    module.exit_json(changed=False, found=found, missing=missing)
