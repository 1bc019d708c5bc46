# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An action of the controller opens no connection: a host that is down must not stop it."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils.controller_action import ControllerAction

from ..action import making

ACTIONS = Path(__file__).resolve().parents[4] / "plugins" / "action"
THEIRS = sorted(path.stem for path in ACTIONS.glob("*.py") if "(ControllerAction)" in path.read_text(encoding="utf-8"))


def test_there_are_some() -> None:
    assert "preflight" in THEIRS and len(THEIRS) >= 5


@pytest.mark.parametrize("name", THEIRS)
def test_it_needs_no_connection_and_knows_check_mode(name: str) -> None:
    module = importlib.import_module("ansible_collections.groundwork.fleet.plugins.action." + name)
    action = making.made(module.ActionModule, {"unknown": 1}, check_mode=True)
    assert isinstance(action, ControllerAction)
    assert not action._requires_connection and action._supports_check_mode and not action._supports_async
    assert action._VALID_ARGS and "unknown" not in action._VALID_ARGS
