# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.account_host import Host, User, shells


def user(name: str, **options: Any) -> User:
    known = {"uid": 1001, "group": name, "home": "/home/" + name, "shell": "/bin/bash", "comment": "", **options}
    return User(name=name, **known)


def test_the_shells_of_a_host() -> None:
    assert shells("# comment\n/bin/sh\n/bin/bash # default\n\n") == ["/bin/sh", "/bin/bash"]
    assert shells(None) == []


def test_what_is_remembered() -> None:
    assert Host({}, [], {"accounts": {"ana": {"created": True}}}).remembered("ana") == {"created": True}
    assert Host({}, []).remembered("ana") is None


def test_others_are_people_whom_nobody_declared_and_who_are_not_connected() -> None:
    people = [
        user("ana"), user("ben"), user("gone"), user("me"), user("daemon", uid=999), user("nobody", uid=65534),
        user("svc", shell="/usr/sbin/nologin"), user("box", shell="/bin/false"),
    ]  # fmt: skip
    record = {"accounts": {"gone": {"created": True}}}
    host = Host({one.name: one for one in people}, [], record, in_use=["me"])
    assert host.others({"ana": {}}) == ["ben"]
