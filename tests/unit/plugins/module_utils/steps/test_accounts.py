# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal
from ansible_collections.groundwork.fleet.plugins.module_utils.accounts import Host, User
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import accounts

KEY = "ssh-ed25519 " + "A" * 60 + " ana"
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
    state = {"users": {}, "told": [], "codes": {}, "sudoers": [], "in_use": []}

    def observe(connecting_user):
        record = json.loads(accounts.read(accounts.RECORD) or "{}")
        in_use = [connecting_user] if connecting_user else []
        return Host(users=dict(state["users"]), groups=["adm"], record=record, sudoers=state["sudoers"], in_use=in_use)

    monkeypatch.setattr(accounts, "observe", observe)
    monkeypatch.setattr(accounts.time, "sleep", lambda seconds: None)
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
            if code == 0 and command[0] == "userdel":
                del host["users"][command[-1]]
            return code, "", "no" if code else ""

    return lambda **arguments: run_step(accounts, base=Module, **arguments)


def test_create_again_check_and_remove(run, host):
    foreseen = run(check_mode=True, accounts={"ana": ANA})
    assert foreseen["changed"] and host["told"] == [] and accounts.read(accounts.RECORD) is None
    assert run(accounts={"ana": ANA})["diff"] == foreseen["diff"]
    assert json.loads(accounts.read(accounts.RECORD)) == {"accounts": {"ana": {"created": True}}, "groups": []}
    assert not run(accounts={"ana": ANA})["changed"]
    assert run(state="absent")["removed"] == ["ana"] and accounts.read(accounts.RECORD) is None
    assert not run(state="absent")["changed"]


def test_what_a_run_created_before_it_failed_is_known_to_be_ours(run, host):
    host["codes"] = {"useradd": [0, 1]}
    answer = run(accounts={"ana": ANA, "ben": ANA})
    assert answer["failed"] and "useradd" in answer["msg"]
    assert json.loads(accounts.read(accounts.RECORD))["accounts"]["ana"] == {"created": True}


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
    assert len(answer["warnings"]) == 2


def test_a_link_is_not_read(tmp_path):
    (tmp_path / "secret").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    assert accounts.read(str(tmp_path / "link")) is None and accounts.read(str(tmp_path / "secret")) == "x"


def test_what_is_no_file_of_a_sane_length_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "long").write_bytes(b"x" * (accounts.LONGEST + 1))
    assert accounts.read(str(tmp_path / "pipe")) is None and accounts.read(str(tmp_path / "long")) is None


def test_what_is_done_can_be_undone(run):
    answer = run(accounts={"ana": ANA})
    manifest = change_journal.read(answer["change"], accounts.JOURNAL)
    assert manifest["effects"] == [{"undo": ["userdel", "ana"], "what": "the account ana was created"}]
    assert run(accounts={"ana": ANA})["change"] == ""
