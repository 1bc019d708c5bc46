# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rotation hands the roles what the playbooks of a site hand them: what it left out would go off the hosts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_rotation

PLAYBOOKS = Path(__file__).resolve().parents[3] / "playbooks"
#: Alone of a run of all roles: what the others want to have installed.
NOT_OF_A_ROTATION = {"packages_others"}


def handed(playbook: str) -> dict[str, dict[str, str]]:
    """Return role to the variables that the plays of a playbook give it."""
    found: dict[str, dict[str, str]] = {}
    for play in yaml.safe_load((PLAYBOOKS / playbook).read_text()):
        listed = play.get("roles", [])
        imported = [
            {"role": task["ansible.builtin.import_role"]["name"], **task}
            for task in play.get("tasks", [])
            if "ansible.builtin.import_role" in task
        ]
        for item in [*listed, *imported]:
            found.setdefault(item["role"].rpartition(".")[2], {}).update(item.get("vars", {}))
    return found


def rotation() -> dict[str, Any]:
    """Return what a rotation gives every role."""
    tasks = yaml.safe_load((PLAYBOOKS / "tasks/rotation_host.yml").read_text())
    found: dict[str, Any] = next(task["vars"] for task in tasks if "groundwork.fleet.{{ __rotation_role }}" in str(task))
    return found


@pytest.mark.parametrize("playbook", ["packages.yml", "base.yml", "services.yml", "observability.yml", "health.yml"])
def test_a_rotation_hands_over_what_the_site_does(playbook: str) -> None:
    roles = {role: given for role, given in handed(playbook).items() if role in secret_rotation.ROLES}
    assert roles
    given = rotation()
    for role, variables in roles.items():
        for name, value in variables.items():
            if name not in NOT_OF_A_ROTATION:
                assert " ".join(str(given.get(name)).split()) == " ".join(str(value).split()), "%s of %s" % (name, role)
