# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import system_users


class FakeModule:
    """Notes the commands it is told to run."""

    def __init__(self, code=0):
        self.code, self.commands = code, []

    def get_bin_path(self, name):
        return "/usr/sbin/" + name

    def run_command(self, command):
        self.commands.append(command)
        return self.code, "", "no such group"

    def fail_json(self, msg):
        raise RuntimeError(msg)


@pytest.mark.parametrize(
    ("options", "group"), [({}, "--user-group"), ({"group": "orders"}, "--user-group"), ({"group": "www-data"}, "--gid")]
)
def test_a_user_cannot_log_in(options, group):
    module = FakeModule()
    system_users.create(module, "orders", options)
    command = module.commands[0]
    assert command[:3] == ["/usr/sbin/useradd", "--system", group]
    assert "/usr/sbin/nologin" in command
    assert command[-1] == "orders"


def test_a_failure_names_the_user():
    with pytest.raises(RuntimeError, match=r"users\['orders'\]: useradd failed: no such group"):
        system_users.create(FakeModule(code=6), "orders", {})


def test_the_comment_tells_whose_user_it_is():
    assert system_users.comment_of("root") is not None
    assert system_users.comment_of("no-such-user-here") is None
