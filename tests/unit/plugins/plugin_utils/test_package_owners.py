# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.fleet.plugins.plugin_utils.package_owners import package_owners

ROOT = Path(__file__).parents[4]
ROLES = ["users", "services"]


@pytest.mark.parametrize(
    ("variables", "run", "skipped", "found"),
    [
        ({}, ["all"], [], ROLES),
        ({}, ["tagged"], [], ROLES),
        ({}, ["services", "packages"], [], ["services"]),
        ({}, ["all"], ["services"], ["users"]),
        ({"users_state": "absent", "services_state": "present"}, ["all"], [], ["services"]),
    ],
)
def test_the_roles_that_are_played(variables: dict[str, Any], run: list[str], skipped: list[str], found: list[str]) -> None:
    assert package_owners(ROLES, variables, run, skipped) == found


def test_every_role_that_installs_is_among_them() -> None:
    """A role that was forgotten would have a transaction of its own: its name, its variable and its file have to be there."""
    variables = (ROOT / "playbooks" / "vars" / "packages.yml").read_text(encoding="utf-8")
    plays = yaml.safe_load((ROOT / "playbooks" / "packages.yml").read_text(encoding="utf-8"))
    files = next(play for play in plays if play["name"] == "Packages")["vars_files"]
    asking = set()
    for path in [*ROOT.glob("roles/*/vars/main.yml"), *ROOT.glob("roles/*/tasks/*.yml")]:
        if re.search(r"packages'?: *\n? *\{?'?(owner|\n *owner)", path.read_text(encoding="utf-8")):
            asking.add(path.parents[1].name)
    asking = asking - {"packages"} | {"hardening"}
    assert len(asking) >= 9
    for role in asking:
        assert re.search(rf"\b{role}\b", variables), role
        assert f"../roles/{role}/vars/main.yml" in files
        assert f"__{role}_packages:" in (ROOT / "roles" / role / "vars" / "main.yml").read_text(encoding="utf-8")
