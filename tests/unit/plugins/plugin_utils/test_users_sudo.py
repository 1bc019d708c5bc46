# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import users_sudo

ROLES = users_sudo.checked_roles(
    {
        "operator": {"commands": ["/usr/bin/systemctl restart shop.service", "sudoedit /etc/shop.yml"], "description": "Keeps the shop up"},
        "database": {"commands": "all", "runas": "postgres:postgres", "noexec": True},
        "asked": {"commands": "all", "nopasswd": False, "setenv": True},
        "root": {"commands": "all", "runas": "root"},
    }
)


def lines(sudo: Any) -> list[str]:
    return users_sudo.sudoers("ana", users_sudo.checked_sudo("s", sudo, ROLES)).splitlines()[1:]


@pytest.mark.parametrize(
    ("sudo", "expected"),
    [
        (None, []),
        ("none", []),
        ("all", ["ana ALL=(ALL:ALL) NOPASSWD: ALL"]),
        (["/bin/mount -o a=b,c /x", "/bin/x"], [r"ana ALL=(root) NOPASSWD: /bin/mount -o a\=b\,c /x, /bin/x"]),
        ("operator", ["ana ALL=(root) NOPASSWD: /usr/bin/systemctl restart shop.service, sudoedit /etc/shop.yml"]),
        ("database", ["ana ALL=(postgres:postgres) NOPASSWD: NOEXEC: ALL"]),
        ("asked", ["ana ALL=(ALL:ALL) PASSWD: SETENV: ALL"]),
        (["database", "/bin/x"], ["ana ALL=(postgres:postgres) NOPASSWD: NOEXEC: ALL", "ana ALL=(root) NOPASSWD: /bin/x"]),
    ],
)
def test_rights_become_rules(sudo: Any, expected: list[str]) -> None:
    assert lines(sudo) == expected


@pytest.mark.parametrize(
    ("sudo", "extent"),
    [
        ("none", "none"),
        ("all", "all"),
        ("root", "all"),
        ("operator", "some"),
        ("database", "some"),
        ("asked", "some"),
        (["operator", "all"], "all"),
    ],
)
def test_how_far_rights_go(sudo: Any, extent: str) -> None:
    assert users_sudo.extent(users_sudo.checked_sudo("s", sudo, ROLES)) == extent


@pytest.mark.parametrize(
    ("sudo", "message"),
    [
        ("yes", "s is 'yes'; expected all, none or a list of commands"),
        ("operater", "Did you mean 'operator'"),
        (["operater", "/bin/x"], "Did you mean 'operator'"),
        ([], "all, none or a list of commands"),
        (7, "all, none or a list of commands"),
        (["/bin/a\nana ALL=(ALL) ALL"], "a command by its absolute path"),
        (["!/bin/sh"], "a command by its absolute path"),
        ([7], "a command by its absolute path"),
    ],
)
def test_rights_that_nobody_knows(sudo: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        users_sudo.checked_sudo("s", sudo, ROLES)


def test_without_roles_a_list_is_offered() -> None:
    with pytest.raises(BadInput, match="Write commands as a list"):
        users_sudo.checked_sudo("s", "reboot", {})


@pytest.mark.parametrize(
    ("roles", "message"),
    [
        ([], "users_sudo_roles is"),
        ({"all": {"commands": "all"}}, "other than all and none"),
        ({"Operator": {"commands": "all"}}, "in lower case"),
        ({"x": "all"}, r"\['x'\] is 'all'; expected a mapping"),
        ({"x": {"command": "all"}}, "Did you mean 'commands'"),
        ({"x": {}}, r"\['x'\]\.commands is None"),
        ({"x": {"commands": ["reboot"]}}, "absolute path"),
        ({"x": {"commands": "all", "runas": "a b"}}, r"\.runas is 'a b'"),
        ({"x": {"commands": "all", "nopasswd": "yes"}}, r"\.nopasswd is 'yes'"),
    ],
)
def test_roles_that_are_wrong_are_named(roles: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        users_sudo.checked_roles(roles)


def test_sudo_drop_ins() -> None:
    accounts = {
        "a.b": {"state": "present", "sudo_rules": [users_sudo.EVERYTHING]},
        "dan": {"state": "present", "sudo_rules": []},
        "eve": {"state": "locked"},
    }
    files = users_sudo.sudo_files(accounts, ["former"])
    assert files["/etc/sudoers.d/groundwork-a%2Eb"]["content"].splitlines()[1] == "a.b ALL=(ALL:ALL) NOPASSWD: ALL"
    assert files["/etc/sudoers.d/groundwork-a%2Eb"]["mode"] == "0440"
    for name in ("dan", "eve", "former"):
        assert files[f"/etc/sudoers.d/groundwork-{name}"] == {"absent": True}
