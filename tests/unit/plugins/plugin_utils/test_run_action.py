# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils.run_action import RunAction


class Action(RunAction):
    """An action that refuses one value."""

    MODULE = "groundwork.fleet.example"

    def prepare(self, arguments: Any, variables: dict[str, Any]) -> dict[str, Any]:
        if arguments["option"] == "wrong":
            raise BadInput("option is 'wrong'")
        return super().prepare(arguments, variables)


def test_the_host_learns_which_run_asks(called: Any) -> None:
    found = called(Action, option="value")
    assert found["module_name"] == "groundwork.fleet.example" and found["module_args"] == {"option": "value", "run": "ana@controller"}


def test_wrong_input_fails_the_task_with_its_own_words(called: Any) -> None:
    with pytest.raises(AnsibleActionFail, match="option is 'wrong'"):
        called(Action, option="wrong")
