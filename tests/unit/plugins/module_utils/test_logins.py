# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import struct
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import logins
from ansible_collections.groundwork.fleet.plugins.module_utils.account_host import User
from ansible_collections.groundwork.fleet.plugins.module_utils.account_keys import Key

TODAY = "2027-01-01"
KEY = Key("ssh-ed25519", "AAAAC3NzaC1lZDI1NTE5AAAAIFI6iUlzmAGobcnhscvuv1dkAnumHA4gLlO5bbth+bu0", "Ana's laptop", {"from": "192.0.2.0/24"})
FINGERPRINT = "SHA256:KQZzJ/TV5pGN4NNRX0ERKr+YZX1nMNHl40sR/EYCHjs"
SSHD = (
    "usepam yes\npermitrootlogin prohibit-password\npubkeyauthentication yes\npasswordauthentication yes\nkbdinteractiveauthentication no\n"
)


def user(**options: Any) -> User:
    known = {"name": "ana", "uid": 1000, "group": "ana", "home": "/home/ana", "shell": "/bin/bash", "comment": "", **options}
    return User(**known)


def ways(account: User, password: str = "none", keys: tuple[Key, ...] = (KEY,), report: str = SSHD) -> list[str]:
    found: list[str] = logins.account_facts(account, password, keys, report, ["ana"], {}, TODAY)["ways"]
    return found


def test_a_key_is_a_way_in() -> None:
    assert ways(user()) == ["key " + FINGERPRINT]
    assert ways(user(), report="") == []
    assert ways(user(), report=SSHD.replace("pubkeyauthentication yes", "pubkeyauthentication no")) == []


@pytest.mark.parametrize("day", ["2026-12-31", "2027-01-01"])
def test_a_key_that_has_expired_is_none(day: str) -> None:
    old = Key(KEY.kind, KEY.blob, "", {"expiry-time": day.replace("-", "")})
    assert ways(user(), keys=(old,)) == []
    assert logins.key_facts(old, "ana", TODAY, {})["expired"]


def test_a_password_is_a_way_in_by_ssh_and_at_the_console() -> None:
    assert ways(user(), "set", ()) == ["password by SSH", "password at the console"]
    assert ways(user(), "set", (), SSHD.replace("passwordauthentication yes", "passwordauthentication no")) == ["password at the console"]
    assert ways(user(), "empty", ()) == ["no password at the console"]
    assert ways(user(locked=True), "set", ()) == []


def test_root_needs_the_permission_of_sshd() -> None:
    root = user(name="root", uid=0)
    assert ways(root, "set") == ["key " + FINGERPRINT, "password at the console"]
    assert ways(root, "set", report=SSHD.replace("prohibit-password", "no")) == ["password at the console"]
    assert "password by SSH" in ways(root, "set", report=SSHD.replace("prohibit-password", "yes"))


def test_the_lists_of_sshd_keep_somebody_out() -> None:
    assert ways(user(), report=SSHD + "allowusers ben\n") == [] and ways(user(), report=SSHD + "denygroups ana\n") == []


def test_a_locked_password_locks_the_account_only_without_pam() -> None:
    assert ways(user(locked=True)) == ["key " + FINGERPRINT]
    assert ways(user(locked=True), report=SSHD.replace("usepam yes", "usepam no")) == []


def test_other_ways_of_sshd_are_named() -> None:
    report = SSHD + "authorizedkeyscommand /usr/bin/keys\ntrustedusercakeys /etc/ssh/ca.pub\n"
    assert ways(user(), keys=(), report=report) == ["keys of a command", "certificates"]
    both = SSHD + "authenticationmethods publickey,keyboard-interactive\n"
    assert ways(user(), report=both) == ["key " + FINGERPRINT + " (AuthenticationMethods publickey,keyboard-interactive)"]


@pytest.mark.parametrize(
    ("account", "why"),
    [
        (user(shell="/usr/sbin/nologin"), "its shell is /usr/sbin/nologin"),
        (user(expires=1), "it has expired on 1970-01-02"),
        (user(expires=40000), ""),
        (user(shell="/bin/nosuch", shell_starts=False), "its shell /bin/nosuch does not exist or is not executable"),
    ],
)
def test_who_cannot_whatever_they_have(account: User, why: str) -> None:
    facts = logins.account_facts(account, "set", [KEY], SSHD, [], {}, TODAY)
    assert facts["barred"] == why and bool(facts["ways"]) == (not why)


def test_the_journal_knows_when_an_account_and_a_key_were_used_last() -> None:
    line = "1795646343.840228 h1 sshd-session[121]: Accepted publickey for ana from 192.0.2.7 port 9 ssh2: ED25519 " + FINGERPRINT
    older = line.replace("1795646343", "1795640000").replace("192.0.2.7", "192.0.2.8")
    used = logins.accepted(
        "\n".join([older, line, older, "1795650000.1 h1 sshd[1]: Accepted password for ben from 192.0.2.9 port 1 ssh2", "x"])
    )
    assert (
        used["ana"] == used[logins.use_of("ana", FINGERPRINT)] == {"at": 1795646343, "from": "192.0.2.7", "by": "publickey"}
        and used["ben"]["by"] == "password"
    )
    facts = logins.account_facts(user(), "none", [KEY], SSHD, [], used, TODAY)
    assert facts["last_login"] == facts["keys"][0]["last_used"] == "2026-11-25T22:39:03Z" and facts["last_login_from"] == "192.0.2.7"
    assert (facts["keys"][0]["owner"], facts["keys"][0]["options"]) == ("Ana's laptop", ["from"])


def test_the_use_of_a_key_that_two_accounts_have_counts_for_the_one_that_used_it() -> None:
    line = "1795646343.840228 h1 sshd[121]: Accepted publickey for ben from 192.0.2.7 port 9 ssh2: ED25519 " + FINGERPRINT
    used = logins.accepted(line)
    ana, ben = (logins.account_facts(user(name=name), "none", [KEY], SSHD, [], used, TODAY) for name in ("ana", "ben"))
    assert ana["keys"][0]["last_used"] == "" and ben["keys"][0]["last_used"] == "2026-11-25T22:39:03Z"


def test_lastlog_is_read() -> None:
    assert logins.lastlog_time(struct.pack("=i32s256s", 1795646343, b"pts/0", b"h")) == 1795646343
    assert logins.lastlog_time(b"short") == 0 and logins.moment(0) == ""


def test_what_sudo_says() -> None:
    listing = "Matching Defaults entries for ana on h1:\n    env_reset\n\nUser ana may run:\n    (ALL : ALL) NOPASSWD:  ALL\n"
    assert logins.sudo_rules(listing) == ["(ALL : ALL) NOPASSWD: ALL"]
    assert logins.sudo_rules("User ana is not allowed to run sudo on h1.\n") == []


@pytest.mark.parametrize(("uid", "kind"), [(0, "root"), (1000, "person"), (999, "system"), (65534, "system")])
def test_what_an_account_is(uid: int, kind: str) -> None:
    assert logins.kind_of(user(uid=uid)) == kind
