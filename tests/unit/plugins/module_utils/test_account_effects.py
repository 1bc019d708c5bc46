# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.groundwork.fleet.plugins.module_utils.account_effects import effects
from ansible_collections.groundwork.fleet.plugins.module_utils.account_host import Host, User

ANA = User("ana", 1000, "ana", "/home/ana", "/bin/sh", "Ana", groups=["adm", "dev"], expires=20000)
HOST = Host(users={"ana": ANA}, groups=["ana", "adm", "dev"])


def test_each_command_has_its_way_back() -> None:
    commands = [
        ["useradd", "-m", "bob"],
        ["groupadd", "ops"],
        ["groupdel", "old"],
        ["usermod", "-s", "/bin/bash", "ana"],
        ["usermod", "-L", "-e", "1", "ana"],
        ["loginctl", "disable-linger", "ana"],
        ["crontab", "-u", "ana", "-r"],
        ["userdel", "-r", "ana"],
        ["rm", "-rf", "--", "/tmp/user/1000"],
    ]
    assert [effect["undo"] for effect in effects(commands, HOST)] == [
        ["userdel", "bob"],
        ["groupdel", "ops"],
        ["groupadd", "old"],
        ["usermod", "-s", "/bin/sh", "-c", "Ana", "-G", "adm,dev", "ana"],
        ["usermod", "-U", "-e", "20000", "ana"],
        ["loginctl", "enable-linger", "ana"],
        ["crontab", "-u", "ana", "/var/lib/groundwork/homes/ana.crontab"],
        [],
        [],
    ]
    account, temporary = effects(commands, HOST)[-2:]
    assert "removed with its home" in account["what"] and temporary["what"] == "/tmp/user/1000 was removed"


def test_an_unlock_is_taken_back_by_a_lock() -> None:
    locked = Host(users={"ana": User("ana", 1000, "ana", "/home/ana", "/bin/sh", "", locked=True, expires=1)}, groups=[])
    (found,) = effects([["usermod", "-U", "-e", "", "ana"]], locked)
    assert found["undo"] == ["usermod", "-L", "-e", "1", "ana"]


def test_a_password_that_was_locked_before_stays_locked() -> None:
    before = Host(users={"ana": User("ana", 1000, "ana", "/home/ana", "/bin/sh", "", locked=True)}, groups=[])
    (found,) = effects([["usermod", "-L", "-e", "1", "ana"]], before)
    assert found["undo"] == ["usermod", "-e", "", "ana"]


def test_what_does_not_come_back_is_named_and_what_only_keeps_is_not() -> None:
    kept = [["install", "-d", "x"], ["tar", "--create", "ana"], ["pkill", "-KILL", "-U", "1000"]]
    found = effects([["atrm", "3", "4"], ["loginctl", "terminate-user", "ana"], *kept], HOST)
    assert [effect["undo"] for effect in found] == [[], []]
    back = effects([["crontab", "-u", "ana", "/x"], ["loginctl", "enable-linger", "ana"]], HOST)
    assert [effect["undo"] for effect in back] == [["crontab", "-u", "ana", "-r"], ["loginctl", "disable-linger", "ana"]]
    assert "3, 4" in found[0]["what"] and "sessions of ana" in found[1]["what"]
