# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import batch
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import step_list

SECRET = "hunter2-correct-horse"


class Marked(str):
    """A text as newer ansible-core hands it over."""


def test_a_step_is_named_after_its_kind_or_its_id() -> None:
    steps = step_list.parse([{"units": None}, {"units": {"timeout": 5}, "id": "again", "skip_in_check": True}])
    assert [(step.kind, step.id, step.options, step.skip_in_check) for step in steps] == [
        ("units", "units", {}, False),
        ("units", "again", {"timeout": 5}, True),
    ]


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ({"units": {}}, "steps is 'dict'; expected a list"),
        (None, "steps is 'NoneType'; expected a list"),
        (["units"], "steps[0] is 'str'; expected a mapping with one step"),
        ([{"unit": {}}], "steps[0] is 'unit'; expected a known step or setting. Did you mean 'units'?"),
        ([{"id": "x"}], "expected exactly one step"),
        ([{"units": {}, "packages": {}}], "steps[0] is ['packages', 'units']; expected exactly one step"),
        ([{"units": [SECRET]}], "steps[0].units is 'list'; expected a mapping of options"),
        ([{"units": {}, "id": 3}], "steps[0].id is 3; expected a name"),
        ([{"units": {}, "skip_in_check": "yes"}], "steps[0].skip_in_check is 'yes'; expected true or false"),
        ([{"units": {}, "last_proof": 1}], "steps[0].last_proof is 1; expected true or false"),
        ([{"units": {}}, {"units": {}}], "steps[1].id is 'units'; expected a name that no other step has. steps[0] has it already."),
        ([{"units": {}, "id": "a"}, {"files": {}, "id": "a"}], "steps[1].id is 'a'"),
    ],
)
def test_what_is_no_list_of_steps_is_refused_in_one_message(steps: object, message: str) -> None:
    with pytest.raises(BadInput) as error:
        step_list.parse(steps)
    assert message in str(error.value) and SECRET not in str(error.value)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ({"units": {"unit": {}}}, "steps[0].units is 'unit'; expected a known option. Did you mean 'units'?"),
        ({"packages": {}}, "steps[0].packages: missing required arguments: owner. See ansible-doc groundwork.fleet.packages."),
        ({"units": {"timeout": "soon"}}, "steps[0].units: argument 'timeout'"),
    ],
)
def test_wrong_options_are_refused_before_the_host_is_asked(step: dict[str, object], message: str) -> None:
    [parsed] = step_list.parse([step])
    with pytest.raises(BadInput) as error:
        step_list.checked(parsed)
    assert message in str(error.value)


def test_the_host_unpacks_what_was_packed() -> None:
    [step] = step_list.parse([{"units": {"changed_files": [Marked("/a")], "units": {"a.service": {"enabled": True}}}}])
    packed = step_list.packed([step_list.checked(step)], 1, {"results": {"x": (1, None)}}, "ana@controller", {"timeout": 60, "token": "t"})
    unpacked = batch.unpacked(packed)
    assert {"steps.units", "guard"} <= set(unpacked["code"])  # what the host has to import
    assert unpacked == {
        "code": unpacked["code"],
        "steps": [
            {
                "kind": "units",
                "id": "units",
                "options": {"changed_files": ["/a"], "units": {"a.service": {"enabled": True}}},
                "skip_in_check": False,
                "last_proof": False,
            }
        ],
        "start": 1,
        "run": "ana@controller",
        "guard": {"timeout": 60, "token": "t"},
        "rollback": False,
        "deployment": "",
        "earlier": {"results": {"x": [1, None]}},
    }


def test_a_secret_does_not_stand_in_the_packed_text() -> None:
    steps = [step_list.Step("steps[0]", "units", "units", {"units": {SECRET: None}})]
    assert SECRET not in step_list.packed(steps)


@pytest.mark.parametrize("rollback", [True, False])
def test_what_takes_back_travels_where_it_is_asked_for(rollback: bool) -> None:
    steps = [step_list.Step("steps[0]", "presence", "presence", {})]
    code = batch.unpacked(step_list.packed(steps, rollback=rollback))["code"]
    assert ("rollback" in code, "guard" in code, "steps.presence" in code) == (rollback, False, True)


def test_what_is_marked_or_encrypted_becomes_a_text() -> None:
    plain = step_list.plain({Marked("a"): [Marked("b"), 1, True, 1.5, None], "c": {"d"}})
    assert plain == {"a": ["b", 1, True, 1.5, None], "c": ["d"]} and type(plain["a"][0]) is str
