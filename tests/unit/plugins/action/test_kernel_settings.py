# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.plugins.action import ActionBase
from ansible_collections.groundwork.fleet.plugins.action import kernel_settings
from ansible_collections.groundwork.fleet.plugins.plugin_utils import run_action


def test_the_host_learns_which_run_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    called: dict[str, Any] = {}
    monkeypatch.setattr(ActionBase, "run", lambda *_arguments, **_options: {})
    monkeypatch.setattr(run_action, "run_identity", lambda: "ana@controller")
    action = kernel_settings.ActionModule.__new__(kernel_settings.ActionModule)
    action._task = SimpleNamespace(args={"option": "value"})
    action._execute_module = lambda **options: called.update(options) or {"changed": True}
    assert action.run(task_vars={}) == {"changed": True}
    assert called["module_name"] == "groundwork.fleet.kernel_settings" and called["module_args"] == {
        "option": "value",
        "run": "ana@controller",
    }
