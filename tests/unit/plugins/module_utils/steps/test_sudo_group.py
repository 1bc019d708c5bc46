# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import stat
from types import SimpleNamespace

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import sudo_group

POLICY = {"User_Specs": [{"User_List": [{"username": "root"}, {"usergroup": "ops"}]}]}


@pytest.fixture
def host(tmp_path, monkeypatch):
    """Return a host of two people; the programs that change its groups are functions."""
    people = [SimpleNamespace(pw_name=name, pw_uid=uid, pw_gid=uid) for name, uid in (("root", 0), ("ana", 1000), ("ben", 1001))]
    groups = {
        "root": SimpleNamespace(gr_name="root", gr_gid=os.getgid(), gr_mem=[]),
        "ops": SimpleNamespace(gr_name="ops", gr_gid=50, gr_mem=["ben", "gone"]),
    }
    found = SimpleNamespace(
        groups=groups, calls=[], sudo=tmp_path / "sudo", processes=tmp_path / "proc", policy=POLICY, memory=tmp_path / "memory"
    )

    def command(_module, argv):
        found.calls.append([os.path.basename(argv[0]), *argv[1:]])
        name = os.path.basename(argv[0])
        if name == "cvtsudoers":
            return (0, json.dumps(found.policy), "") if found.policy else (1, "", "syntax error")
        if name == "groupadd":
            groups[argv[-1]] = SimpleNamespace(gr_name=argv[-1], gr_gid=990, gr_mem=[])
        elif name == "groupdel":
            del groups[argv[-1]]
        elif argv[1] == "--add":
            groups[argv[3]].gr_mem.append(argv[2])
        else:
            groups[argv[3]].gr_mem.remove(argv[2])
        return 0, "", ""

    monkeypatch.setattr(sudo_group.pwd, "getpwall", lambda: people)
    monkeypatch.setattr(sudo_group.pwd, "getpwnam", lambda name: next(one for one in people if one.pw_name == name))
    monkeypatch.setattr(sudo_group.grp, "getgrnam", lambda name: groups[name])
    for name, value in (("MEMORY", found.memory), ("JOURNAL", tmp_path / "journal"), ("SUDO", found.sudo)):
        monkeypatch.setattr(sudo_group, name, str(value))
    monkeypatch.setattr(sudo_group.ancestry, "PROCESSES", str(found.processes))
    monkeypatch.delenv("SUDO_USER", raising=False)
    found.sudo.touch()
    found.sudo.chmod(0o4755)
    found.command = command
    return found


@pytest.fixture
def run(run_step, host):
    def call(**arguments):
        base = type("Base", (run_step.base,), {"run_command": host.command, "get_bin_path": lambda _self, name, **_more: "/bin/" + name})
        return run_step(sudo_group, base=base, owner="hardening", **arguments)

    return call


def seen(host):
    info = host.sudo.stat()
    return stat.S_IMODE(info.st_mode), info.st_gid


def session(host, monkeypatch, groups):
    """Have ana call sudo in a session with these groups."""
    monkeypatch.setenv("SUDO_USER", "ana")
    monkeypatch.setattr(sudo_group.os, "getpid", lambda: 20)
    for pid, text in ((20, "Uid:\t0\nPPid:\t10\n"), (10, "Uid:\t1000\nGid:\t1000\nGroups:\t%s\nPPid:\t1\n" % groups)):
        (host.processes / str(pid)).mkdir(parents=True, exist_ok=True)
        (host.processes / str(pid) / "status").write_text(text)


def test_check_apply_again_and_back(run, host):
    before = seen(host)
    foreseen = run(check_mode=True)
    assert foreseen["changed"] and seen(host) == before and not host.memory.exists() and "sudogrp" not in host.groups
    done = run()
    assert done["diff"] == foreseen["diff"] and not done["pending"]
    assert seen(host) == (0o4110, 990) and host.groups["sudogrp"].gr_mem == ["ben"]
    assert not run()["changed"]
    host.groups["ops"].gr_mem.append("ana")
    assert run()["changed"] and host.groups["sudogrp"].gr_mem == ["ben", "ana"]
    assert run(state="absent")["changed"]
    assert seen(host) == before and "sudogrp" not in host.groups and not host.memory.exists()
    assert not run(state="absent")["changed"]


def test_sudo_waits_for_the_session_of_the_caller(run, host, monkeypatch):
    session(host, monkeypatch, "1000")
    first = run(user="ana")
    assert first["changed"] and first["pending"] and seen(host)[0] == 0o4755 and host.groups["sudogrp"].gr_mem == ["ana", "ben"]
    assert not run(user="ana")["changed"], "the same session changes nothing, however often"
    session(host, monkeypatch, "990 1000")
    second = run(user="ana")
    assert second["changed"] and not second["pending"] and seen(host) == (0o4110, 990)
    run(state="absent")
    assert seen(host)[0] == 0o4755 and "sudogrp" not in host.groups


def test_members_and_a_group_that_were_there_stay(run, host):
    host.groups["sudogrp"] = SimpleNamespace(gr_name="sudogrp", gr_gid=990, gr_mem=["ana"])
    run()
    assert host.groups["sudogrp"].gr_mem == ["ana", "ben"]
    run(state="absent")
    assert host.groups["sudogrp"].gr_mem == ["ana"]


def test_it_is_recorded_how_to_take_it_back(run, host):
    effects = change_journal.read(run(run="night")["change"], sudo_group.JOURNAL)["effects"]
    assert [one["undo"][0] for one in effects] == ["groupdel", "gpasswd", "chmod", "chown"]


def test_an_upgrade_of_sudo_is_followed(run, host):
    run()
    os.chown(host.sudo, 0, 0)
    host.sudo.chmod(0o4755)  # chown takes the bit off
    assert run()["changed"] and seen(host) == (0o4110, 990)
    run(state="absent")
    assert seen(host)[0] == 0o4755


@pytest.mark.parametrize("gone", [True, False])
def test_a_host_whose_sudo_is_none(run, host, gone):
    host.sudo.unlink() if gone else host.sudo.chmod(0o755)
    assert not run()["changed"] and "sudogrp" not in host.groups


def test_rules_that_cannot_be_read_and_bad_names(run, host):
    host.policy = None
    assert "cvtsudoers cannot read the rules of sudo: syntax error. Nothing was changed." in run()["msg"]
    assert "expected the name of a group" in run(group="a b")["msg"] and seen(host)[0] == 0o4755


def test_a_program_that_fails_is_told(run, host, monkeypatch):
    monkeypatch.setattr(
        host, "command", lambda _module, argv: (0, json.dumps(POLICY), "") if "cvtsudoers" in argv[0] else (4, "", "no gid left")
    )
    answer = run()
    assert "groupadd --system sudogrp failed: no gid left" in answer["msg"] and seen(host)[0] == 0o4755
    assert host.memory.exists(), "what may have been done is remembered"
