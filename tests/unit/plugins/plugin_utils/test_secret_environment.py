# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import subprocess
from typing import Any

from ansible.plugins.loader import shell_loader
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_environment

SECRET = "p'w\"d $HOME `x` \\ line\nnext"


class Action:
    """What of an action is used, for a host whose temporary directory is `directory`."""

    def __init__(self, directory: str, shell: str = "sh") -> None:
        self._connection = self
        self._shell = shell_loader.get(shell)
        self._shell.tmpdir = None
        self.directory, self.sent, self.readable = directory, [], []  # type: ignore[var-annotated]

    def _make_tmp_path(self) -> None:
        self._shell.tmpdir = self.directory

    def _transfer_data(self, path: str, text: str) -> None:
        self.sent.append(path)
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text)

    def _fixup_perms2(self, paths: Any) -> None:
        self.readable.append(paths)


def asked(action: Action, variables: dict[str, str]) -> str:
    return secret_environment.by_file("as before", variables, action, lambda value: value == SECRET)


def test_a_command_has_the_secret_and_does_not_name_it(tmp_path: Any) -> None:
    action = Action(str(tmp_path))
    prefix = asked(action, {"PASSWORD": SECRET, "OTHER": "of all"})
    assert prefix == f". {tmp_path}/groundwork-environment && OTHER='of all'"
    assert "PASSWORD" not in prefix
    command = f'{prefix} sh -c \'printf "%s|%s" "$PASSWORD" "$OTHER"\''
    assert subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout == f"{SECRET}|of all"
    assert action.readable == [(str(tmp_path), f"{tmp_path}/groundwork-environment")]


def test_an_action_that_asks_twice_sends_it_once(tmp_path: Any) -> None:
    action = Action(str(tmp_path))
    assert asked(action, {"A": SECRET}) == asked(action, {"A": SECRET})
    assert len(action.sent) == 1
    asked(action, {"B": SECRET})
    assert len(action.sent) == 2


def test_without_a_secret_and_on_windows_it_is_as_it_was(tmp_path: Any) -> None:
    assert asked(Action(str(tmp_path)), {"A": "b"}) == "as before"
    assert asked(Action(str(tmp_path), "powershell"), {"A": SECRET}) == "as before"
