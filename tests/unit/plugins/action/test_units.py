# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.groundwork.fleet.plugins.action import units
from ansible_collections.groundwork.fleet.plugins.plugin_utils import run_action


def test_the_host_learns_which_run_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    called: dict[str, Any] = {}
    monkeypatch.setattr(ActionBase, "run", lambda *_arguments, **_options: {})
    monkeypatch.setattr(run_action, "run_identity", lambda: "ana@controller")
    action = units.ActionModule.__new__(units.ActionModule)
    action._task = SimpleNamespace(args={"option": "value"})
    action._execute_module = lambda **options: called.update(options) or {"changed": True}
    assert action.run(task_vars={}) == {"changed": True}
    assert called["module_name"] == "groundwork.fleet.units" and called["module_args"] == {"option": "value", "run": "ana@controller"}


def test_a_unit_that_the_host_would_refuse_is_refused_on_the_controller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ActionBase, "run", lambda *_arguments, **_options: {})
    action = units.ActionModule.__new__(units.ActionModule)
    action._task = SimpleNamespace(args={"units": {"x.service": {"state": "strated"}}})
    with pytest.raises(AnsibleActionFail, match="strated"):
        action.run(task_vars={})
