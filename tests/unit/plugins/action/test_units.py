# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.groundwork.fleet.plugins.action import units


def test_the_host_learns_which_run_asks(called: Any) -> None:
    found = called(units.ActionModule, option="value")
    assert found["module_name"] == "groundwork.fleet.units" and found["module_args"] == {"option": "value", "run": "ana@controller"}


def test_a_unit_that_the_host_would_refuse_is_refused_on_the_controller(called: Any) -> None:
    with pytest.raises(AnsibleActionFail, match="strated"):
        called(units.ActionModule, units={"x.service": {"state": "strated"}})
    with pytest.raises(AnsibleActionFail, match="Name each instance that is to run"):
        called(units.ActionModule, units={"x@*.service": {"state": "started"}})
    called(units.ActionModule, units={"x@*.service": {"state": "stopped", "enabled": False}})
