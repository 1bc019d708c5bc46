# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import account_keys, accounts
from ansible_collections.groundwork.fleet.plugins.module_utils.account_host import Host, Traces, User, shells
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

KEY = "ssh-ed25519 " + "A" * 60 + " ana"
OTHER = "ssh-ed25519 " + "B" * 60 + " ben"
REAL = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFI6iUlzmAGobcnhscvuv1dkAnumHA4gLlO5bbth+bu0 ana@example"


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


UNTOUCHED = {"password": False, "expires": None, "linger": False, "crontab": False}
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
    assert ours.commands == [["usermod", "-G", "adm", "ana"]] and ours.members == {"ana": ["ana", "adm"]}
    others = accounts.plan({"ana": declared(groups=["adm"])}, {}, host([user(groups=["sudo"])]))
    assert others.commands == [["usermod", "-G", "adm,sudo", "ana"]] and others.members == {"ana": ["ana", "adm", "sudo"]}
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
        {"ana": {"state": "absent", "keep_home": "delete"}, "ben": {"state": "absent"}, "new": {"state": "absent"}},
        {},
        host([user(), user("ben")], record=CREATED),
    )
    assert plan.commands == [["userdel", "-r", "ana"]]
    assert (plan.removed, plan.kept, plan.record()) == (["ana"], ["ben"], {})


def test_who_is_not_declared_any_more_is_locked_and_stays_remembered():
    plan = accounts.plan({}, {}, host([user(keys=KEY)], record=CREATED))
    assert plan.commands == [["usermod", "-L", "-e", "1", "ana"]] and plan.undeclared == ["ana"]
    assert plan.record()["accounts"]["ana"] == {"created": True, "locked": UNTOUCHED}
    assert plan.keys["ana"]["text"] is None
    again = accounts.plan({}, {}, host([user(locked=True, expires=1)], record=plan.record()))
    assert again.commands == [] and again.record() == plan.record() and again.keys == {}


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


@pytest.mark.parametrize("sudo", ["none", "some"])
def test_who_called_sudo_for_this_run_keeps_all_rights(sudo):
    here = host([user(keys=KEY)], in_use=["ana"], sudo_user="ana")
    with pytest.raises(BadInput, match=r"users_accounts\['ana'\]\.sudo is .*Give it all"):
        accounts.plan({"ana": declared(sudo=sudo)}, {}, here)
    assert accounts.plan({"ana": declared(sudo="all")}, {}, here).keys


@pytest.mark.parametrize("shell", ["/usr/sbin/nologin", "/bin/false", "/bin/zsh"])
def test_the_account_in_use_keeps_a_shell_that_lets_it_in(shell):
    known = shells("# comment\n/bin/sh\n/bin/bash # default\n\n/usr/sbin/nologin\n")
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


LOCKED = {"created": True, "locked": {"password": False, "expires": 20000, "linger": True, "crontab": True}}


def test_the_key_that_opened_the_connection_is_enough_where_it_is_known():
    mine = account_keys.keys_of("\n".join([REAL]))[0].fingerprint
    here = host([user(keys=REAL + "\n" + OTHER + "\n")], in_use=["ana"], used_key=mine)
    assert accounts.plan({"ana": declared(keys=[REAL])}, {}, here).keys["ana"]["text"] == REAL + "\n"
    with pytest.raises(BadInput, match="keys is 'without the key of this connection'"):
        accounts.plan({"ana": declared(keys=[OTHER])}, {}, here)


def test_a_locked_account_is_silenced_and_comes_back_with_its_old_expiry():
    busy = user(keys=KEY, expires=20000, traces=Traces("/var/spool/cron/crontabs/ana", [7], True, True))
    plan = accounts.plan({"ana": {"state": "locked"}}, {}, host([busy], record=CREATED))
    assert [command[0] for command in plan.commands] == [
        "usermod",
        "loginctl",
        "install",
        "install",
        "crontab",
        "atrm",
        "loginctl",
        "pkill",
    ]
    assert plan.accounts["ana"] == LOCKED and plan.locked == ["ana"] and plan.undeclared == [] and plan.keys["ana"]["text"] is None
    back = accounts.plan({"ana": declared()}, {}, host([user(locked=True, expires=1)], record=plan.record()))
    assert [command[0] for command in back.commands] == ["usermod", "crontab", "loginctl"] and back.record() == CREATED
    assert back.commands[0] == ["usermod", "-U", "-e", "20000", "ana"]


def test_a_locked_account_that_somebody_uses_again_is_silenced_again():
    record = {"accounts": {"ana": LOCKED}, "groups": []}
    plan = accounts.plan(
        {"ana": {"state": "locked"}}, {}, host([user(locked=True, expires=1, traces=Traces(processes=True))], record=record)
    )
    assert plan.commands == [["loginctl", "terminate-user", "ana"], ["pkill", "-KILL", "-U", "1000"]]
    assert accounts.plan({"ana": {"state": "locked"}}, {}, host()).commands == []


def test_a_foreign_account_that_was_locked_gets_everything_back():
    plan = accounts.plan({"ana": {"state": "locked"}}, {}, host([user(keys=OTHER + "\n")]))
    assert plan.accounts["ana"]["keys"] == OTHER + "\n" and plan.accounts["ana"]["locked"] == UNTOUCHED
    gone = accounts.plan_removal(host([user(locked=True, expires=1)], record=plan.record()))
    assert gone.commands == [["usermod", "-U", "-e", "", "ana"]] and gone.keys["ana"]["text"] == OTHER + "\n"


def test_others_are_locked_only_where_that_is_asked_for():
    people = [user("ben", uid=1001), user("daemon", uid=2), user("svc", uid=1002, shell="/usr/sbin/nologin"), user("me", uid=1003)]
    here = host(people, in_use=["me"])
    assert accounts.plan({}, {}, here).commands == []
    plan = accounts.plan({}, {}, here, others="lock")
    assert plan.locked == ["ben"]
    again = [user("ben", uid=1001, locked=True, expires=1), *people[1:]]
    assert accounts.plan({}, {}, host(again, in_use=["me"], record=plan.record()), others="lock").commands == []
    assert accounts.plan({}, {}, host(again, in_use=["me"], record=plan.record())).commands == [["usermod", "-U", "-e", "", "ben"]]


def test_a_removed_account_leaves_its_home_as_an_archive():
    here = host([user(home="/srv/people/ana")], record=CREATED, archives=["ana-2026-11-25.tar.gz"])
    made, packed, removed = accounts.plan({"ana": {"state": "absent", "keep_home": "archive"}}, {}, here, day="2026-11-25").commands
    assert made == ["install", "-d", "-m", "0700", "/var/lib/groundwork/homes"] and removed == ["userdel", "-r", "ana"]
    assert packed[packed.index("--file") + 1] == "/var/lib/groundwork/homes/ana-2026-11-25-2.tar.gz"
    assert packed[-4:] == ["--directory", "/srv/people", "--", "ana"]


def test_an_account_of_a_service_is_a_system_account_without_home_shell_and_keys():
    plan = accounts.plan({"deploy": {**declared(keys=[]), "service": True}}, {}, host())
    (command,) = plan.commands
    assert command[:3] == ["useradd", "--system", "-M"] and command[command.index("-s") + 1] == "/usr/sbin/nologin"
    assert command[command.index("-d") + 1] == "/nonexistent" and plan.keys == {}
    (gone,) = accounts.plan({"deploy": {"state": "absent"}}, {}, host([user("deploy", home="/nonexistent")], record=plan.record())).commands
    assert gone == ["userdel", "-r", "deploy"]
    own = {**declared(), "service": True, "home": "/var/lib/deploy"}
    plan = accounts.plan({"deploy": own}, {}, host())
    assert "-m" in plan.commands[0] and plan.keys["deploy"]["home"] == "/var/lib/deploy"
    with pytest.raises(BadInput, match=r"users_service_accounts\['adm'\]"):
        accounts.plan({"adm": own}, {}, host())


def test_who_has_no_key_left_gets_no_file():
    assert accounts.plan({"ana": declared(keys=[])}, {}, host([user(keys=KEY)])).keys["ana"]["text"] is None
