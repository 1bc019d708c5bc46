# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import account_lock
from ansible_collections.groundwork.fleet.plugins.module_utils.account_host import Host, Traces, User

ANA = User("ana", 1000, "ana", "/home/ana", "/bin/bash", "")
LOCKED = User("ana", 1000, "ana", "/home/ana", "/bin/bash", "", locked=True, expires=1)
NOTHING = {"password": False, "expires": None, "linger": False, "crontab": False}


def test_a_lock_takes_password_and_time_and_is_made_once() -> None:
    assert account_lock.lock(ANA) == [["usermod", "-L", "-e", "1", "ana"]]
    assert account_lock.lock(LOCKED) == []


def test_what_would_start_again_goes_before_what_runs() -> None:
    traces = Traces("/var/spool/cron/ana", [3, 9], True, True)
    commands = account_lock.silence(User("ana", 1000, "ana", "/home/ana", "/bin/bash", "", traces=traces))
    assert commands == [
        ["loginctl", "disable-linger", "ana"],
        ["install", "-d", "-m", "0700", account_lock.HOMES],
        ["install", "-m", "0600", "/var/spool/cron/ana", account_lock.HOMES + "/ana.crontab"],
        ["crontab", "-u", "ana", "-r"],
        ["atrm", "3", "9"],
        ["loginctl", "terminate-user", "ana"],
        ["pkill", "-KILL", "-U", "1000"],
    ]


@pytest.mark.parametrize(
    ("user", "remembered", "expected"),
    [
        (LOCKED, NOTHING, [["usermod", "-U", "-e", "", "ana"]]),
        (LOCKED, {**NOTHING, "password": True, "expires": 20000}, [["usermod", "-e", "20000", "ana"]]),
        (
            LOCKED,
            {**NOTHING, "linger": True, "crontab": True},
            [
                ["usermod", "-U", "-e", "", "ana"],
                ["crontab", "-u", "ana", account_lock.HOMES + "/ana.crontab"],
                ["loginctl", "enable-linger", "ana"],
            ],
        ),
        (ANA, NOTHING, []),
        (LOCKED, None, []),
    ],
)
def test_the_way_back(user: User, remembered: dict[str, object] | None, expected: list[list[str]]) -> None:
    assert account_lock.unlock(user, remembered) == expected


def test_what_has_to_be_remembered() -> None:
    assert account_lock.before_lock(LOCKED) == {"password": True, "expires": 1, "linger": False, "crontab": False}
    busy = User("ana", 1000, "ana", "/home/ana", "/bin/bash", "", traces=Traces("/var/spool/cron/ana", [], True))
    assert account_lock.before_lock(busy, NOTHING) == {**NOTHING, "linger": True, "crontab": True}


def test_an_archive_is_never_written_over() -> None:
    host = Host({}, [], archives=["ana-2026-11-25.tar.gz", "ana-2026-11-25-2.tar.gz"])
    assert account_lock.archive("ana", "2026-11-25", host).endswith("/ana-2026-11-25-3.tar.gz")
    assert account_lock.archive("ana", "2026-11-26", host).endswith("/ana-2026-11-26.tar.gz")


def test_a_home_is_packed_only_where_that_is_asked_for() -> None:
    assert account_lock.remove(ANA, "delete", "2026-11-25", Host({}, [])) == [["userdel", "-r", "ana"]]
    assert [command[0] for command in account_lock.remove(ANA, "archive", "2026-11-25", Host({}, []))] == ["install", "tar", "userdel"]


def test_the_temporary_directory_goes_with_the_account_and_after_it() -> None:
    user = User("ana", 1000, "ana", "/home/ana", "/bin/bash", "", traces=Traces(temporary="/tmp/user/1000"))
    removed, temporary = account_lock.remove(user, "delete", "2026-11-25", Host({}, []))
    assert removed[0] == "userdel" and temporary == ["rm", "-rf", "--one-file-system", "--", "/tmp/user/1000"]
    assert ["rm"] not in [command[:1] for command in account_lock.lock(user)]
