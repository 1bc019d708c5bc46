# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter makes the program of the checks and hands over to the plan."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter.health_plan import FilterModule

SETTINGS: dict[str, Any] = {
    "timeout": "2m",
    "interval": "1m",
    "maintenance": [],
    "textfile_directory": "",
    "endpoint": {},
    "unit": {},
    "fleet": {"tls_directory": "/etc/groundwork/tls"},
}


def test_the_program_knows_the_types_that_are_used() -> None:
    plan = FilterModule().filters()["health_plan"]({"ssh": {"tcp": {"port": 22}}}, SETTINGS)
    program = plan["files"]["/usr/local/bin/groundwork-health"]["content"]
    assert program.startswith("#!/usr/bin/python3")
    assert "checks.tcp" in program and "checks.http" not in program
    assert {"files", "units", "gone", "proofs", "removal"} == set(plan)


def test_a_refusal_names_the_place() -> None:
    with pytest.raises(AnsibleFilterError, match="Did you mean 'tcp'"):
        FilterModule().filters()["health_plan"]({"ssh": {"tpc": {"port": 22}}}, SETTINGS)
