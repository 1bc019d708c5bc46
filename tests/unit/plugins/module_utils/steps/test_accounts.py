# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import account_trial, change_journal, sshd_trial
from ansible_collections.groundwork.fleet.plugins.module_utils.account_host import Host, Traces, User
from ansible_collections.groundwork.fleet.plugins.module_utils.account_observe import read
from ansible_collections.groundwork.fleet.plugins.module_utils.ssh_trial import Connection, Verdict
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import accounts

KEY = "ssh-ed25519 " + "A" * 60 + " ana"
REAL = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFI6iUlzmAGobcnhscvuv1dkAnumHA4gLlO5bbth+bu0 ana\n"
ANA = {
    "state": "present",
    "keys": [KEY],
    "exclusive_keys": True,
    "sudo": "none",
    "groups": None,
    "uid": None,
    "shell": None,
    "comment": None,
}


@pytest.fixture
def host(tmp_path, monkeypatch):
    """A host whose accounts are in memory; `told` notes the commands."""
    monkeypatch.setattr(accounts, "RECORD", str(tmp_path / "groundwork" / "accounts.json"))
    monkeypatch.setattr(accounts, "JOURNAL", str(tmp_path / "groundwork" / "changes"))
    state = {"users": {}, "told": [], "codes": {}, "sudoers": [], "asked": [], "verdict": Verdict(), "used_key": ""}

    def observe(connecting_user):
        record = json.loads(read(accounts.RECORD) or "{}")
        in_use = [connecting_user] if connecting_user else []
        return Host(users=dict(state["users"]), groups=["adm"], record=record, sudoers=state["sudoers"], in_use=in_use)

    monkeypatch.setattr(accounts, "observe", observe)
    monkeypatch.setattr(accounts.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(account_trial, "verdict", lambda plan, files, host: state["asked"].append((plan.keys, files)) or state["verdict"])
    monkeypatch.setattr(sshd_trial, "connection", Connection)
    monkeypatch.setattr(sshd_trial, "used_key", lambda name, connection: state["used_key"])
    return state


@pytest.fixture
def run(run_step, host):
    class Module(run_step.base):
        def get_bin_path(self, name, required=False, opt_dirs=()):
            return name

        def run_command(self, command):
            host["told"].append(command)
            codes = host["codes"].get(command[0], [])
            code = codes.pop(0) if codes else 0
            if code == 0 and command[0] == "useradd":
                name = command[-1]
                host["users"][name] = User(name, 1000, name, "/home/" + name, "/bin/bash", "", keys=KEY)
            if code == 0 and command[0] == "usermod" and "-L" in command:
                host["users"][command[-1]] = replace(host["users"][command[-1]], locked=True, expires=1, keys=None)
            if command[0] == "tar":
                host["umask"] = os.umask(0o022)
            if code == 0 and command[0] == "userdel":
                del host["users"][command[-1]]
            return code, "", "no" if code else ""

    return lambda **arguments: run_step(accounts, base=Module, **arguments)


def test_create_again_check_and_remove(run, host):
    foreseen = run(check_mode=True, accounts={"ana": ANA})
    assert foreseen["changed"] and host["told"] == [] and read(accounts.RECORD) is None
    assert run(accounts={"ana": ANA})["diff"] == foreseen["diff"]
    assert json.loads(read(accounts.RECORD)) == {"accounts": {"ana": {"created": True}}, "groups": []}
    assert not run(accounts={"ana": ANA})["changed"]
    assert run(state="absent")["removed"] == ["ana"] and read(accounts.RECORD) is None
    assert not run(state="absent")["changed"]


def test_what_a_run_created_before_it_failed_is_known_to_be_ours(run, host):
    host["codes"] = {"useradd": [0, 1]}
    answer = run(accounts={"ana": ANA, "ben": ANA})
    assert answer["failed"] and "useradd" in answer["msg"]
    assert json.loads(read(accounts.RECORD))["accounts"]["ana"] == {"created": True}


def test_the_sessions_of_a_removed_account_are_ended(run, host):
    run(accounts={"ana": ANA})
    host["codes"] = {"userdel": [accounts.IN_USE_BY_PROCESS, accounts.IN_USE_BY_PROCESS, 0]}
    assert run(accounts={"ana": {"state": "absent"}})["removed"] == ["ana"]
    assert ["loginctl", "terminate-user", "ana"] in host["told"]


def test_the_account_in_use_stays(run, host):
    run(accounts={"ana": ANA})
    told = len(host["told"])
    assert "cut itself off" in run(accounts={"ana": {"state": "absent"}}, connecting_user="ana")["msg"]
    assert len(host["told"]) == told


def test_warnings_and_former_names(run, host):
    run(accounts={"ana": ANA})
    host["users"]["ben"] = User("ben", 1001, "ben", "/home/ben", "/bin/sh", "")
    host["sudoers"] = ["ana", "old"]
    answer = run(accounts={"ben": {"state": "absent"}})
    assert answer["kept"] == ["ben"] and answer["undeclared"] == ["ana"] and answer["former"] == ["ana", "old"]
    assert len(answer["warnings"]) == 2 and answer["locked"] == ["ana"]
    assert not run(accounts={"ben": {"state": "absent"}})["changed"]


def test_what_is_done_can_be_undone(run):
    answer = run(accounts={"ana": ANA})
    manifest = change_journal.read(answer["change"], accounts.JOURNAL)
    assert manifest["effects"] == [{"undo": ["userdel", "ana"], "what": "the account ana was created"}]
    assert run(accounts={"ana": ANA})["change"] == ""


def test_what_the_trial_refuses_is_not_done(run, host):
    host["verdict"] = Verdict("sudo would not let 'ana' become root any more", unproven=["x"])
    answer = run(
        accounts={"ana": ANA}, sudo_files={"/etc/sudoers.d/groundwork-ana": {"content": "x"}}, connecting_user="ana", check_mode=True
    )
    assert answer["failed"] and "users_accounts would lock out 'ana'" in answer["msg"] and "sudo would not let" in answer["msg"]
    assert host["told"] == [] and host["asked"][0][1] == {"/etc/sudoers.d/groundwork-ana": "x"}


def test_what_is_proven_and_what_is_not_is_said(run, host):
    host["verdict"] = Verdict(proven=["a key is accepted"], unproven=["no sudo"])
    answer = run(accounts={"ana": ANA})
    assert answer["proven"] == ["a key is accepted"] and "Before the change: no sudo." in answer["warnings"][0]


def test_the_journal_is_read_only_where_the_account_in_use_would_lose_a_key(run, host):
    host["users"]["ana"] = User("ana", 1000, "ana", "/home/ana", "/bin/bash", "", keys=REAL + KEY)
    host["used_key"] = "SHA256:KQZzJ/TV5pGN4NNRX0ERKr+YZX1nMNHl40sR/EYCHjs"
    assert not run(accounts={"ana": {**ANA, "keys": [REAL.strip()]}}, connecting_user="ana").get("failed")
    host["used_key"] = ""
    assert "keys is" in run(accounts={"ana": {**ANA, "keys": [REAL.strip()]}}, connecting_user="ana")["msg"]


def test_an_archive_is_of_root_alone_and_sessions_that_are_gone_do_not_fail(run, host):
    run(accounts={"ana": ANA})
    host["users"]["ana"] = replace(host["users"]["ana"], traces=Traces(processes=True))
    host["codes"] = {"loginctl": [1], "pkill": [1]}
    answer = run(accounts={"ana": {"state": "absent"}})
    assert answer["removed"] == ["ana"] and host["umask"] == 0o077 and [command[0] for command in host["told"][1:]] == [
        "loginctl", "pkill", "install", "tar", "userdel",
    ]  # fmt: skip


def test_a_shell_that_does_not_exist_is_refused_before_anything_is_done(run, host):
    wanted = {"ana": ANA, "ben": {**ANA, "shell": "/bin/nosuch"}, "cleo": {**ANA, "shell": "/bin/neither"}}
    answer = run(accounts=wanted)
    assert answer["failed"] and "users_accounts['ben'].shell is '/bin/nosuch'" in answer["msg"] and "'/bin/neither'" in answer["msg"]
    assert host["told"] == [] and read(accounts.RECORD) is None


def test_a_check_warns_of_a_shell_that_a_package_of_the_run_may_bring(run):
    answer = run(accounts={"ben": {**ANA, "shell": "/bin/nosuch"}}, check_mode=True)
    assert not answer.get("failed") and "users_accounts['ben'].shell is '/bin/nosuch'" in answer["warnings"][0]
