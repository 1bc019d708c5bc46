# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import grp
import json
import os
import pwd

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal
from ansible_collections.groundwork.fleet.plugins.module_utils import sudo_program as decisions
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import sudo_program

RULES = json.dumps({"User_Specs": [{"User_List": [{"username": "ana"}]}]})


@pytest.fixture
def host(run_step, tmp_path, monkeypatch):
    """A host with a program, accounts and groups; it does what it is told and keeps the group of the program in `owner`."""
    program = tmp_path / "sudo"
    program.write_text("")
    program.chmod(0o755)
    groups, overrides, owner = {"root": []}, {}, ["root"]
    monkeypatch.setattr(decisions, "PROGRAM", str(program))
    monkeypatch.setattr(sudo_program, "MEMORY", str(tmp_path / "memory"))
    monkeypatch.setattr(sudo_program, "JOURNAL", str(tmp_path / "journal"))
    account = pwd.struct_passwd(("ana", "x", 1000, 1000, "", "/home/ana", "/bin/bash"))
    monkeypatch.setattr(pwd, "getpwall", lambda: [account])
    monkeypatch.setattr(pwd, "getpwuid", lambda _number: pwd.struct_passwd(("root", "x", 0, 0, "", "/root", "/bin/sh")))
    monkeypatch.setattr(grp, "getgrall", lambda: [grp.struct_group((name, "x", 7, members)) for name, members in groups.items()])
    monkeypatch.setattr(grp, "getgrgid", lambda _number: grp.struct_group((owner[0], "x", 7, [])))
    monkeypatch.setattr(os, "getgrouplist", lambda _name, group: [group])

    class Module(run_step.base):
        told, refuses = [], ""

        def get_bin_path(self, arg, required=False, opt_dirs=None):
            return "/usr/bin/" + arg

        def run_command(self, command):
            if command == decisions.RULES:
                return 0, RULES, ""
            if command == ["dpkg-statoverride", "--list"]:
                return 0, "".join("%s %s\n" % (words, path) for path, words in overrides.items()), ""
            if command[0] == self.refuses:
                return 1, "", "no\n way"
            self.told.append(command)
            verb = command[0]
            if verb == "groupadd":
                groups[command[-1]] = []
            elif verb == "groupdel":
                del groups[command[-1]]
            elif verb == "gpasswd":
                {"--add": groups[command[3]].append, "--delete": groups[command[3]].remove}[command[1]](command[2])
            elif verb == "chmod":
                program.chmod(int(command[1], 8))
            elif verb == "chown":
                owner[0] = command[1].partition(":")[2]
            elif command[1] == "--add":
                overrides[command[-1]] = " ".join(command[2:5])
            else:
                del overrides[command[-1]]
            return 0, "", ""

    return Module


ASKED = {"owner": "hardening", "sudo_program": {"group": "sudogrp"}, "user": "ana"}


def test_closed_again_and_back(run_step, host):
    foreseen = run_step(sudo_program, check_mode=True, base=host, **ASKED)
    assert foreseen["changed"] and host.told == [] and not os.path.exists(sudo_program.MEMORY)
    done = run_step(sudo_program, base=host, **ASKED)
    assert done["changed"] and done["members"] == ["ana"] and done["diff"] == foreseen["diff"]
    assert ["gpasswd", "--add", "ana", "sudogrp"] in host.told
    assert "%o" % (os.stat(decisions.PROGRAM).st_mode & 0o7777) == decisions.MODE
    effects = change_journal.read(done["change"], sudo_program.JOURNAL)["effects"]
    assert effects[0]["undo"] == ["groupdel", "sudogrp"] and effects[-1]["undo"][0] == "chown"
    assert not run_step(sudo_program, base=host, **ASKED)["changed"]
    assert run_step(sudo_program, base=host, owner="hardening", state="absent")["changed"]
    assert host.told[-1] == ["groupdel", "sudogrp"] and not os.path.exists(sudo_program.MEMORY)
    assert "%o" % (os.stat(decisions.PROGRAM).st_mode & 0o7777) == "755"
    assert not run_step(sudo_program, base=host, owner="hardening", state="absent")["changed"]


def test_a_user_without_a_right_is_refused_before_anything_is_changed(run_step, host, monkeypatch):
    account = pwd.struct_passwd(("ben", "x", 1001, 1001, "", "/home/ben", "/bin/bash"))
    monkeypatch.setattr(pwd, "getpwnam", lambda _name: account)
    answer = run_step(sudo_program, base=host, **{**ASKED, "user": "ben"})
    assert answer["failed"] and "'ben'" in answer["msg"] and host.told == []


def test_a_command_that_fails_ends_the_step(run_step, host):
    host.refuses = "gpasswd"
    answer = run_step(sudo_program, base=host, **ASKED)
    assert answer["failed"] and answer["msg"] == "gpasswd --add ana sudogrp failed: no way"


def test_a_host_without_sudo_is_left_alone(run_step, host, monkeypatch):
    monkeypatch.setattr(decisions, "PROGRAM", "/nowhere/sudo")
    assert not run_step(sudo_program, base=host, **ASKED)["changed"]


def test_another_group_is_refused(run_step, host):
    run_step(sudo_program, base=host, **ASKED)
    answer = run_step(sudo_program, base=host, **{**ASKED, "sudo_program": {"group": "wheel"}})
    assert "as before" in answer["msg"]
