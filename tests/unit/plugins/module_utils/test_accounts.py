# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import accounts
from ansible_collections.groundwork.fleet.plugins.module_utils.accounts import Host, User
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

KEY = "ssh-ed25519 " + "A" * 60 + " ana"
OTHER = "ssh-ed25519 " + "B" * 60 + " ben"


def declared(**options):
    account = {
        "state": "present",
        "keys": [KEY],
        "exclusive_keys": True,
        "sudo": "none",
        "groups": None,
        "uid": None,
        "shell": None,
        "comment": None,
    }
    return {**account, **options}


def host(users=(), **options):
    known = {"users": {user.name: user for user in users}, "groups": ["adm", "sudo", *(user.name for user in users)], **options}
    return Host(**known)


def user(name="ana", **options):
    return User(**{"name": name, "uid": 1000, "group": name, "home": "/home/" + name, "shell": "/bin/bash", "comment": "", **options})


CREATED = {"accounts": {"ana": {"created": True}}, "groups": []}


def test_a_new_account_is_created_without_a_password_that_could_expire():
    plan = accounts.plan({"ana": declared(groups=["sudo", "adm"], uid=1500, comment="Ana")}, {}, host())
    (command,) = plan.commands
    assert command[0] == "useradd" and command[-1] == "ana"
    assert command[command.index("-p") : command.index("-p") + 4] == ["-p", "*", "-K", "PASS_MAX_DAYS=-1"]
    assert command[command.index("-G") + 1] == "adm,sudo" and command[command.index("-u") + 1] == "1500"
    assert plan.record() == CREATED
    assert plan.keys == {"ana": {"home": "/home/ana", "group": "ana", "text": KEY + "\n"}}


def test_a_second_run_does_nothing():
    plan = accounts.plan({"ana": declared(groups=["adm"])}, {}, host([user(groups=["adm"], keys=KEY + "\n")], record=CREATED))
    assert plan.commands == [] and plan.record() == CREATED


def test_the_groups_of_our_own_accounts_are_exact_and_those_of_others_grow():
    ours = accounts.plan({"ana": declared(groups=["adm"])}, {}, host([user(groups=["sudo"])], record=CREATED))
    assert ours.commands == [["usermod", "-G", "adm", "ana"]]
    others = accounts.plan({"ana": declared(groups=["adm"])}, {}, host([user(groups=["sudo"])]))
    assert others.commands == [["usermod", "-G", "adm,sudo", "ana"]]
    assert others.accounts["ana"] == {"created": False, "shell": "/bin/bash", "comment": "", "groups": ["sudo"], "keys": None}


def test_the_first_memory_of_a_foreign_account_stays():
    record = {"accounts": {"ana": {"created": False, "shell": "/bin/sh", "comment": "", "groups": [], "keys": OTHER + "\n"}}, "groups": []}
    plan = accounts.plan({"ana": declared(shell="/bin/zsh")}, {}, host([user()], record=record))
    assert plan.record() == record
    assert plan.commands == [["usermod", "-s", "/bin/zsh", "ana"]]


def test_release_of_a_foreign_account_puts_everything_back():
    record = {
        "accounts": {"ana": {"created": False, "shell": "/bin/sh", "comment": "x", "groups": ["adm"], "keys": OTHER + "\n"}},
        "groups": [],
    }
    for plan in (
        accounts.plan_removal(host([user(groups=["sudo"])], record=record)),
        accounts.plan({"ana": {"state": "absent"}}, {}, host([user(groups=["sudo"])], record=record)),
        accounts.plan({}, {}, host([user(groups=["sudo"])], record=record)),
    ):
        assert plan.commands == [["usermod", "-s", "/bin/sh", "-c", "x", "-G", "adm", "ana"]]
        assert plan.keys["ana"]["text"] == OTHER + "\n" and plan.record() == {}


def test_only_what_was_created_is_removed():
    plan = accounts.plan(
        {"ana": {"state": "absent"}, "ben": {"state": "absent"}, "new": {"state": "absent"}},
        {},
        host([user(), user("ben")], record=CREATED),
    )
    assert plan.commands == [["userdel", "-r", "ana"]]
    assert (plan.removed, plan.kept, plan.record()) == (["ana"], ["ben"], {})


def test_who_is_not_declared_any_more_loses_the_keys_and_stays_remembered():
    plan = accounts.plan({}, {}, host([user(keys=KEY)], record=CREATED))
    assert plan.commands == [] and plan.undeclared == ["ana"] and plan.record() == CREATED
    assert plan.keys["ana"]["text"] is None


def test_groups_are_created_once_and_removed_with_the_role():
    plan = accounts.plan({}, {"ops": {"gid": 4242}, "adm": None, "dev": None}, host())
    assert plan.commands == [["groupadd", "-g", "4242", "ops"], ["groupadd", "dev"]] and plan.groups == ["ops", "dev"]
    gone = accounts.plan_removal(Host(users={}, groups=["ops"], record={"accounts": {}, "groups": ["ops", "dev"]}))
    assert gone.commands == [["groupdel", "ops"]]


@pytest.mark.parametrize(
    ("account", "message"),
    [
        ({"state": "absent"}, r"users_accounts\['ana'\]\.state is 'absent'.*cut itself off"),
        (declared(keys=[OTHER], sudo="all"), r"users_accounts\['ana'\]\.keys is .*cut itself off"),
        (declared(), r"users_accounts\['ana'\]\.sudo is 'none'.*cut itself off"),
    ],
)
def test_the_account_in_use_is_not_cut_off(account, message):
    with pytest.raises(BadInput, match=message):
        accounts.plan({"ana": account}, {}, host([user(keys=KEY)], record=CREATED, in_use=["ana"], sudoers=["ana"]))


def test_the_account_in_use_keeps_every_key_and_the_missing_one_is_named():
    here = host([user(keys="# mine\n" + KEY + "\n" + OTHER + "\n")], in_use=["ana"])
    with pytest.raises(BadInput, match=r"keys is .*The host has: SHA256:[\w+/]{43} \(ben\)\. List it, or set exclusive_keys: false"):
        accounts.plan({"ana": declared()}, {}, here)
    plan = accounts.plan({"ana": declared(exclusive_keys=False)}, {}, here)
    assert OTHER in plan.keys["ana"]["text"]


def test_the_fingerprint_is_that_of_ssh_keygen():
    line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFI6iUlzmAGobcnhscvuv1dkAnumHA4gLlO5bbth+bu0 ana@example"
    assert accounts.dropped_keys([], line) == ["SHA256:KQZzJ/TV5pGN4NNRX0ERKr+YZX1nMNHl40sR/EYCHjs (ana@example)"]
    assert accounts.dropped_keys([line.replace("ana@", "x@")], line) == []


@pytest.mark.parametrize("sudo", ["none", ["/usr/bin/id"]])
def test_who_called_sudo_for_this_run_keeps_all_rights(sudo):
    here = host([user(keys=KEY)], in_use=["ana"], sudo_user="ana")
    with pytest.raises(BadInput, match=r"users_accounts\['ana'\]\.sudo is .*Give it all"):
        accounts.plan({"ana": declared(sudo=sudo)}, {}, here)
    assert accounts.plan({"ana": declared(sudo="all")}, {}, here).keys


@pytest.mark.parametrize("shell", ["/usr/sbin/nologin", "/bin/false", "/bin/zsh"])
def test_the_account_in_use_keeps_a_shell_that_lets_it_in(shell):
    known = accounts.shells("# comment\n/bin/sh\n/bin/bash # default\n\n/usr/sbin/nologin\n")
    here = host([user(keys=KEY)], in_use=["ana"], shells=known)
    with pytest.raises(BadInput, match=r"users_accounts\['ana'\]\.shell is .*Take a shell of /etc/shells"):
        accounts.plan({"ana": declared(shell=shell)}, {}, here)
    assert accounts.plan({"ana": declared(shell="/bin/sh")}, {}, here).commands
    unchanged = host([user(keys=KEY, shell=shell)], in_use=["ana"], shells=known)
    assert accounts.plan({"ana": declared(shell=shell)}, {}, unchanged).commands == []


def test_the_account_in_use_is_kept_when_it_is_left_out_or_the_role_goes():
    here = host([user(keys=KEY)], record=CREATED, in_use=["ana"])
    with pytest.raises(BadInput, match="users_accounts is 'without ana'"):
        accounts.plan({}, {}, here)
    with pytest.raises(BadInput, match="users_state is 'absent'"):
        accounts.plan_removal(here)


def test_the_role_does_not_go_where_the_account_in_use_would_lose_the_key_it_got():
    before = {"created": False, "shell": "/bin/bash", "comment": "", "groups": [], "keys": OTHER + "\n"}
    record = {"accounts": {"ana": before}, "groups": []}
    with pytest.raises(BadInput, match="users_state is 'absent'"):
        accounts.plan_removal(host([user(keys=KEY)], record=record, in_use=["ana"]))
    assert accounts.plan_removal(host([user(keys=OTHER)], record=record, in_use=["ana"])).keys["ana"]["text"] == OTHER + "\n"


def test_the_account_in_use_may_gain_a_key():
    plan = accounts.plan({"ana": declared(keys=[OTHER, KEY])}, {}, host([user(keys=KEY)], record=CREATED, in_use=["ana"]))
    assert plan.keys["ana"]["text"] == OTHER + "\n" + KEY + "\n"


@pytest.mark.parametrize(
    ("account", "message"),
    [
        (declared(groups=["sudoo"]), "Did you mean 'sudo'"),
        (declared(uid=1000), "It belongs to 'ben'"),
    ],
)
def test_what_cannot_be_is_refused(account, message):
    with pytest.raises(BadInput, match=message):
        accounts.plan({"ana": account}, {}, host([user("ben")]))


def test_a_name_that_a_group_has_and_another_uid_are_refused():
    with pytest.raises(BadInput, match="a name that no group has"):
        accounts.plan({"adm": declared()}, {}, host())
    with pytest.raises(BadInput, match=r"uid is 7; expected 1000"):
        accounts.plan({"ana": declared(uid=7)}, {}, host([user()]))


def test_keys_are_merged_by_what_they_are_not_by_their_comments():
    current = "# mine\n" + KEY.replace(" ana", " laptop") + "\n"
    assert accounts.merged_keys([KEY, OTHER], current, exclusive=False) == current + OTHER + "\n"
    assert accounts.merged_keys([KEY], current, exclusive=True) == KEY + "\n"


def test_each_command_has_its_way_back():
    ana = User("ana", 1000, "ana", "/home/ana", "/bin/sh", "Ana", groups=["adm", "dev"])
    host = Host(users={"ana": ana}, groups=["ana", "adm", "dev"])
    commands = [["useradd", "-m", "bob"], ["groupadd", "ops"], ["groupdel", "old"], ["usermod", "-s", "/bin/bash", "ana"]]
    commands.append(["userdel", "-r", "ana"])
    assert [effect["undo"] for effect in accounts.effects(commands, host)] == [
        ["userdel", "bob"], ["groupdel", "ops"], ["groupadd", "old"], ["usermod", "-s", "/bin/sh", "-c", "Ana", "-G", "adm,dev", "ana"], [],
    ]  # fmt: skip
    assert "removed with its home" in accounts.effects(commands, host)[-1]["what"]
