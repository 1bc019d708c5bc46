# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import NotThere

VALUE = "correct horse battery staple"
ECHO = [sys.executable, "-c", "import sys; print('|'.join(sys.argv[1:]))"]


def test_arguments_are_filled_in_and_never_seen_by_a_shell(use: Callable[..., Any]) -> None:
    command = use("command", argv=[*ECHO, "get", "{path}", "--field={field}", "{.x}", "{version}"], version="live")
    assert command.fetch("a/b%20$(id)#c;d") == b"get|a/b $(id)|--field=c;d|{.x}|live"
    assert command.fetch("{field}#{path}?version=next") == b"get|{field}|--field={path}|{.x}|next"


def test_one_newline_is_left_out(use: Callable[..., Any]) -> None:
    assert use("command", argv=["printf", "a\\n\\n"]).fetch("x") == b"a\n"
    assert use("command", argv=["printf", "\\377"]).fetch("x") == b"\xff"


def test_fields_of_a_document(use: Callable[..., Any]) -> None:
    command = use("command", argv=["echo", '{"a": {"b": "%s"}, "c": 1}' % VALUE], fields=True)
    assert command.fetch("x#a.b") == VALUE.encode()
    assert "It has the fields a, c." in command.refused("x#zzz", NotThere)
    assert "has the fields a, c" in command.refused("x")
    assert "has no fields" in use("command", argv=["echo", VALUE], fields=True).refused("x#a")


@pytest.mark.parametrize(
    ("options", "rest", "told"),
    [
        ({}, "x", "Give the option argv"),
        ({"argv": "get {path}"}, "x", "a list like"),
        ({"argv": ["echo", "{pth}"]}, "x", "Did you mean {path}?"),
        ({"argv": ["echo", "{version}"]}, "x", "give ?version= in the reference"),
        ({"argv": ["echo", "{field}"]}, "x", "name the field in the reference"),
        ({"argv": ["echo", "{path}"]}, "x#f", "argv has no {field}"),
        ({"argv": ["/no/such/program"]}, "x", "It needs the program /no/such/program where ansible-playbook runs"),
        ({"argv": ["/etc/passwd"]}, "x", "cannot be started: Permission denied"),
        ({"argv": ["true"]}, "x", "wrote nothing"),
        ({"argv": ["sleep", "5"], "timeout": 0.1}, "x", "did not end within 0.1 s"),
        ({"argv": ["true"], "timeout": "soon"}, "x", "timeout is 'soon'"),
    ],
)
def test_refusals(use: Callable[..., Any], options: dict[str, Any], rest: str, told: str) -> None:
    assert told in use("command", **options).refused(rest)


def test_what_a_failing_program_says_is_not_shown(use: Callable[..., Any], program: Callable[[str], str]) -> None:
    path = program("echo '%s' >&2; echo '%s'; exit 3" % (VALUE, VALUE))
    assert "ended with status 3: start it by hand" in use("command", argv=[path]).refused("x")
    assert "there is no such secret" in use("command", argv=[path], missing=3).refused("x", NotThere)
