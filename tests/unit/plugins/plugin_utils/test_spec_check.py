# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils.spec_check import is_secret_name, mapping_problems, problems, visible
from hypothesis import given
from hypothesis import strategies as st


def told(option: dict[str, Any], value: object, where: str = "role_option") -> list[str]:
    return list(problems(where, option, value))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("str", "x"),
        ("str", 1.4),
        ("path", "/x"),
        ("int", 3),
        ("int", "3"),
        ("float", "1.5"),
        ("bool", True),
        ("bool", "yes"),
        ("list", []),
        ("list", ("a",)),
        ("dict", {}),
        ("raw", object()),
        ("bytes", "10M"),
        ("json", "{}"),
    ],
)
def test_what_fits(kind: str, value: object) -> None:
    assert told({"type": kind}, value) == []


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("str", ["x"], "a string. It is a list"),
        ("str", True, "a string. It is a boolean"),
        ("int", "10s", "a whole number. It is a string"),
        ("int", True, "a whole number. It is a boolean"),
        ("int", [1], "a whole number. It is a list"),
        ("float", "x", "a number. It is a string"),
        ("bool", "maybe", "a boolean. It is a string"),
        ("list", "x", "a list. It is a string"),
        ("list", {"a": 1}, "a list. It is a mapping"),
        ("dict", "a=b", "a mapping. It is a string"),
        ("dict", [], "a mapping. It is a list"),
        ("bytes", "many", "a size. It is a string"),
    ],
)
def test_what_does_not_fit(kind: str, value: object, expected: str) -> None:
    (one,) = told({"type": kind}, value)
    assert one.startswith("role_option is %r; expected %s." % (value, expected))


def test_a_type_that_is_not_given_is_str() -> None:
    assert told({}, {}) != []


def test_choices() -> None:
    option = {"type": "str", "choices": ["present", "absent"]}
    assert told(option, "absent") == []
    assert told(option, "gone") == ["role_option is 'gone'; expected one of present, absent. Take one of them."]
    assert told({"type": "list", "choices": ["a"]}, ["a", "b"]) == ["role_option[1] is 'b'; expected one of a. Take one of them."]
    assert told({"type": "int", "choices": [1, 2]}, "2") == []


def test_elements_and_nested_keys() -> None:
    option = {"type": "list", "elements": "dict", "options": {"name": {"type": "str", "required": True}, "port": {"type": "int"}}}
    assert told(option, [{"name": "a", "port": 1}]) == []
    assert told(option, [{"nam": "a"}, 3, {"name": "x", "port": "y"}]) == [
        "a key of role_option[0] is 'nam'; expected a known key. Did you mean 'name'?",
        "role_option[0].name is not set; expected a string. It has no safe default: set it.",
        "role_option[1] is 3; expected a mapping. It is a number. Write key: value pairs.",
        "role_option[2].port is 'y'; expected a whole number. It is a string. Write digits only, without a unit.",
    ]


def test_null_keys_are_not_judged() -> None:
    assert list(mapping_problems("x", {"a": {"type": "int"}}, {"a": None})) == []


def test_elements_of_no_type_are_anything() -> None:
    assert told({"type": "list"}, [1, {}, "x"]) == []


@pytest.mark.parametrize(
    "name", ["users_password", "db_passwd", "api_key", "apikey", "x.token", "client_secret", "tls.key", "key", "private_x", "credentials"]
)
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["users_keys", "keyboard", "fleet_services", "monitoring_port"])
def test_names_of_no_secrets(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    ("option", "where", "value"),
    [
        ({"type": "int"}, "role_password", "hunter2"),
        ({"type": "int", "no_log": True}, "role_x", "hunter2"),
        ({"type": "str", "choices": ["a"]}, "role_token", "hunter2"),
        ({"type": "list"}, "role_x", {"a": {"password": "hunter2"}}),
        ({"type": "int"}, "role_x", [{"password": ["hunter2"]}]),
        ({"type": "list", "elements": "int", "no_log": True}, "role_x", ["hunter2"]),
        ({"type": "dict", "options": {"password": {"type": "int"}}}, "role_x", {"password": "hunter2"}),
    ],
)
def test_a_secret_is_masked(option: dict[str, Any], where: str, value: object) -> None:
    (one,) = told(option, value, where)
    assert "hunter2" not in one
    assert "(hidden)" in one


def test_visible_leaves_the_rest() -> None:
    assert visible({"a": 1, "password": "x", "b": [{"token": "x", "c": 2}]}) == {
        "a": 1,
        "password": "(hidden)",
        "b": [{"token": "(hidden)", "c": 2}],
    }


@given(st.dictionaries(st.text(max_size=3), st.text(min_size=9, max_size=9), min_size=1))
def test_nothing_under_a_secret_is_visible(value: dict[str, str]) -> None:
    shown = repr(visible({"password": value}))
    assert all(repr(one) not in shown for one in value.values())
