# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter import packages_plan

from ..plugin_utils.test_packages_plan import settings


def test_the_plan_has_the_program() -> None:
    made = packages_plan.FilterModule().filters()["packages_plan"](settings(), "bookworm")
    program = made["files"]["/usr/local/sbin/groundwork-patch-status"]["content"]
    assert program.startswith("#!/usr/bin/python3 -IS\n") and "TEXTS['patch_status']" in program


def test_wrong_input_is_an_error_of_the_filter() -> None:
    with pytest.raises(AnsibleFilterError, match="packages_upgrade_window"):
        packages_plan.packages_plan(settings(upgrade_window="now"), "bookworm")
