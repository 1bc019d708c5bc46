# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader
from ansible_collections.groundwork.fleet.plugins.plugin_utils import fresh_connection


class Ssh:
    """A connection that hands arguments to ssh."""

    _load_name = "ssh"

    def __init__(self, arguments: str | None) -> None:
        self.options: dict[str, Any] = {"ssh_args": arguments}
        self.seen: list[Any] = []

    def get_option(self, name: str) -> Any:
        return self.options[name]

    def set_option(self, name: str, value: Any) -> None:
        self.options[name] = value

    def reset(self) -> None:
        self.seen.append(("reset", self.options["ssh_args"]))


class Other:
    """A connection without such an option."""

    def __init__(self, name: str, error: Exception | None = None) -> None:
        self._load_name, self.error, self.resets = name, error, 0

    def get_option(self, name: str) -> Any:
        raise KeyError(name)

    def reset(self) -> None:
        self.resets += 1
        if self.error:
            raise self.error


def test_the_arguments_come_before_all_others_and_go_again() -> None:
    connection = Ssh("-o ControlMaster=auto -o ControlPath=/x")
    with fresh_connection.fresh(connection) as is_fresh:
        inside = connection.options["ssh_args"]
    assert is_fresh and inside == "-o ControlMaster=no -o ControlPath=none -o ControlMaster=auto -o ControlPath=/x"
    # The old socket is dropped with the old arguments, which name it.
    assert connection.seen == [("reset", "-o ControlMaster=auto -o ControlPath=/x")]


def test_they_go_again_when_no_connection_comes_about() -> None:
    connection = Ssh(None)
    with pytest.raises(AnsibleConnectionFailure), fresh_connection.fresh(connection):
        raise AnsibleConnectionFailure("refused")
    assert connection.options["ssh_args"] == "" and len(connection.seen) == 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [("paramiko", True), ("ansible.netcommon.libssh", True), ("local", False), ("community.docker.docker", False)],
)
def test_other_connections_are_reset_and_say_what_that_is_worth(name: str, expected: bool) -> None:
    connection = Other(name)
    with fresh_connection.fresh(connection) as is_fresh:
        assert is_fresh is expected and connection.resets == 1


def test_a_reset_that_fails_is_no_new_connection() -> None:
    with fresh_connection.fresh(Other("paramiko", NotImplementedError())) as is_fresh:
        assert not is_fresh


def test_the_answer_says_whether_the_connection_was_new() -> None:
    action = mock.MagicMock(_connection=Ssh("-C"))
    action._execute_module.return_value = {"ping": "pong"}
    assert fresh_connection.execute_fresh(action, "ansible.builtin.ping", {}, {}) == {"ping": "pong", "fresh": True}


def test_what_ssh_is_called_with() -> None:
    """The command line of ansible-core's own plugin: ssh takes the first value of an option."""
    connection = connection_loader.get("ansible.builtin.ssh", PlayContext(), None)
    connection.set_options(var_options={"ansible_host": "192.0.2.7", "ansible_ssh_common_args": "-o ControlPath=/shared"})
    with mock.patch.object(connection, "reset"), fresh_connection.fresh(connection):
        command = b" ".join(connection._build_command("ssh", "ssh", "192.0.2.7", "true")).decode()
    first = [word for word in command.split() if word.startswith(("ControlPath=", "ControlMaster="))]
    assert first[:2] == ["ControlMaster=no", "ControlPath=none"], command
