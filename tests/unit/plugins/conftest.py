# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of several actions share."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.plugins.action import ActionBase
from ansible_collections.groundwork.fleet.plugins.plugin_utils import run_action

Called = Callable[..., dict[str, Any]]


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> Called:
    """Run an action that says which run asks, with these arguments of its task; returns how it called its module."""

    def run(plugin: type[run_action.RunAction], **arguments: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        monkeypatch.setattr(ActionBase, "run", lambda *_arguments, **_options: {})
        monkeypatch.setattr(run_action, "run_identity", lambda: "ana@controller")
        action: Any = plugin.__new__(plugin)
        action._task = SimpleNamespace(args=arguments, check_mode=False)
        action._loader = action._templar = None  # without a reference to a secret nobody asks them
        action._execute_module = lambda **options: found.update(options) or {"changed": True}
        assert action.run(task_vars={}) == {"changed": True}
        return found

    return run
