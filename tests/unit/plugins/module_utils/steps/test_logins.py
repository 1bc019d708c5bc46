# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sqlite3
import struct

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import account_observe
from ansible_collections.groundwork.fleet.plugins.module_utils.account_host import User
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import logins

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFI6iUlzmAGobcnhscvuv1dkAnumHA4gLlO5bbth+bu0 ana@example"
SSHD = "usepam yes\npubkeyauthentication yes\npasswordauthentication no\nauthorizedkeysfile .ssh/authorized_keys\n"


@pytest.fixture
def host(tmp_path, monkeypatch):
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh/authorized_keys").write_text(KEY + "\n")
    people = {
        "ana": User("ana", 1000, "root", str(tmp_path), "/bin/bash", ""),
        "daemon": User("daemon", 1, "root", "/", "/usr/sbin/nologin", ""),
    }
    monkeypatch.setattr(account_observe, "users", lambda: people)
    monkeypatch.setattr(account_observe, "passwords", dict)
    monkeypatch.setattr(logins, "LASTLOG", str(tmp_path / "lastlog"))
    monkeypatch.setattr(logins, "LASTLOG2", str(tmp_path / "lastlog2.db"))
    state = {"told": [], "code": 0, "said": {"sshd": SSHD, "sudo": "    (ALL : ALL) NOPASSWD: ALL\n", "journalctl": ""}}

    def answer(command, seconds, env):
        state["told"].append(command)
        return state["code"], state["said"][command[0]]

    monkeypatch.setattr(logins, "located", lambda name: name if name in state["said"] else None)
    monkeypatch.setattr(logins.processes, "answer", answer)
    return state


def test_who_can_log_in_and_with_which_rights(run_step, host):
    answer = run_step(logins, check_mode=True)
    (ana,) = answer["accounts"]
    assert answer["changed"] is False and ana["name"] == "ana" and ana["ways"][0].startswith("key SHA256:") and ana["groups"] == ["root"]
    assert ana["sudo"] == ["(ALL : ALL) NOPASSWD: ALL"]
    assert ["sshd", "-T", "-C", "user=ana,host=localhost,addr=127.0.0.1"] in host["told"] and len(host["told"]) == 3


def test_all_accounts_with_the_reason(run_step, host):
    found = run_step(logins, all=True)["accounts"]
    assert [account["name"] for account in found] == ["daemon", "ana"] and found[0]["barred"] == "its shell is /usr/sbin/nologin"


@pytest.mark.parametrize("missing", [True, False])
def test_a_host_without_sshd_sudo_and_journal(run_step, host, missing):
    if missing:
        host["said"] = {}
    host["code"] = 1
    _daemon, ana = run_step(logins, all=True)["accounts"]
    assert ana["ways"] == [] and ana["keys"] == [] and ana["last_login"] == ""


def test_the_last_login_is_the_newest_that_the_host_has(run_step, host, tmp_path):
    (tmp_path / "lastlog").write_bytes(bytes(292 * 1000) + struct.pack("=i32s256s", 1700000000, b"", b""))
    assert run_step(logins)["accounts"][0]["last_login"] == "2023-11-14T22:13:20Z"
    database = sqlite3.connect(tmp_path / "lastlog2.db")
    database.execute("CREATE TABLE Lastlog2 (Name TEXT PRIMARY KEY, Time INTEGER)")
    database.execute("INSERT INTO Lastlog2 VALUES ('ana', 1800000000)")
    database.commit()
    database.close()
    assert run_step(logins)["accounts"][0]["last_login"] == "2027-01-15T08:00:00Z"
    (tmp_path / "lastlog2.db").write_text("no database")
    assert run_step(logins)["accounts"][0]["last_login"] == "2023-11-14T22:13:20Z"
