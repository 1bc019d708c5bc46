# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from ansible_collections.groundwork.fleet.plugins.action import sudo_group


def test_the_host_learns_which_run_asks(called: Any) -> None:
    found = called(sudo_group.ActionModule, option="value")
    assert found["module_name"] == "groundwork.fleet.sudo_group" and found["module_args"] == {
        "option": "value",
        "run": "ana@controller",
    }
