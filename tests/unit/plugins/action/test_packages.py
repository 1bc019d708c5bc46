# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible_collections.groundwork.fleet.plugins.action.packages import ActionModule
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

ARGUMENTS = {"owner": "packages", "others": ["shop"]}


def broken(_value: Any) -> Any:
    raise AnsibleError("shop_port is undefined")


@pytest.fixture
def action(monkeypatch: pytest.MonkeyPatch) -> Any:
    made: Any = ActionModule.__new__(ActionModule)
    made._templar = SimpleNamespace(template=lambda value: value)
    made._task = SimpleNamespace(args=ARGUMENTS)
    made.calls = []
    monkeypatch.setattr(ActionBase, "run", lambda *_given: {})
    return made


def test_the_host_is_told_what_it_asks_for(action: Any) -> None:
    answers = [{"changed": False, "needed": ["shop"]}, {"changed": True}]
    action._execute_module = lambda **given: (action.calls.append(given["module_args"]), answers.pop(0))[1]
    assert action.run(None, {"__shop_packages": {"nginx": None}})["changed"] is True
    assert action.calls == [ARGUMENTS, {**ARGUMENTS, "others_present": {"shop": {"nginx": None}}}]


def test_a_host_that_asks_for_nothing_is_called_once(action: Any) -> None:
    action._execute_module = lambda **given: (action.calls.append(given["module_args"]), {"changed": False})[1]
    assert action.run(None, {}) == {"changed": False} and len(action.calls) == 1


@pytest.mark.parametrize(
    ("variables", "template", "text"),
    [
        ({}, None, "others is 'shop'; expected an owner whose packages the variable __shop_packages tells"),
        ({"__shop_packages": ["nginx"]}, None, "__shop_packages is .* expected a mapping from package to version"),
        ({"__shop_packages": "{{ x }}"}, broken, r"The packages that shop wants cannot be told \(__shop_packages\): shop_port"),
    ],
)
def test_an_owner_of_whom_nothing_is_known_is_named(action: Any, variables: dict[str, Any], template: Any, text: str) -> None:
    if template:
        action._templar.template = template
    with pytest.raises(BadInput, match=text):
        action.provide({"needed": ["shop"]}, variables)
