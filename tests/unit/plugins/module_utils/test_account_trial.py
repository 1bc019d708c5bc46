# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import account_trial, processes, sshd_trial, sudo_trial
from ansible_collections.groundwork.fleet.plugins.module_utils.account_host import Host, User
from ansible_collections.groundwork.fleet.plugins.module_utils.accounts import Plan
from ansible_collections.groundwork.fleet.plugins.module_utils.ssh_trial import Connection, Verdict

KEY = "ssh-ed25519 " + "A" * 60 + " ana"
ANA = User("ana", 1000, "ana", "/home/ana", "/bin/bash", "", keys=KEY + "\n")
Host_ = Callable[..., Host]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    state: dict[str, Any] = {"sshd": [], "sudo": [], "report": "authorizedkeysfile .ssh/authorized_keys /etc/keys/%u\n", "code": 0}
    monkeypatch.setattr(account_trial, "located", lambda name: state.get("program", "/usr/sbin/sshd"))
    monkeypatch.setattr(sshd_trial, "connection", lambda: state.get("connection", Connection("192.0.2.7", "9", "192.0.2.1", "22")))
    monkeypatch.setattr(sshd_trial, "used_key", lambda _name, _connection: "SHA256:journal")
    monkeypatch.setattr(processes, "answer", lambda _command, _seconds: (state["code"], state["report"]))
    monkeypatch.setattr(sshd_trial, "attempt", lambda *arguments: state["sshd"].append(arguments) or Verdict(proven=["key"]))
    monkeypatch.setattr(sudo_trial, "attempt", lambda *arguments: state["sudo"].append(arguments) or Verdict(proven=["sudo"]))
    monkeypatch.setattr(sudo_trial, "changes", lambda files: [path for path in files if path.endswith("new")])
    return state


def host(**options: Any) -> Host:
    return Host({"ana": ANA}, [], **options)


def planned(text: str | None, **members: list[str]) -> Plan:
    keys = {"ana": {"home": "/home/ana", "group": "ana", "text": text}, "ben": {"home": "/home/ben", "group": "ben", "text": "x"}}
    return Plan(keys=keys, members=members)


def test_all_our_drop_ins_are_staged() -> None:
    files = {"/etc/sudoers.d/groundwork-ana": {"content": "x"}, "/etc/sudoers.d/groundwork-ben": {"absent": True}}
    assert account_trial.staged(files, host(sudoers=["ana", "o.ld"])) == {
        "/etc/sudoers.d/groundwork-ana": "x", "/etc/sudoers.d/groundwork-ben": None, "/etc/sudoers.d/groundwork-o%2Eld": None,
    }  # fmt: skip


def test_nobody_is_asked_where_nothing_changes_for_the_account_in_use(asked: dict[str, Any]) -> None:
    here = host(in_use=["ana", "root"], sudo_user="ana")
    assert account_trial.verdict(planned(KEY + "\n"), {}, here) == Verdict() and not asked["sshd"] and not asked["sudo"]
    assert account_trial.verdict(planned("x"), {}, host()) == Verdict() and not asked["sshd"]


def test_a_second_sshd_reads_the_new_keys_of_the_account_in_use(asked: dict[str, Any]) -> None:
    here = host(in_use=["ana", "ana"], used_key="SHA256:x")
    assert account_trial.verdict(planned("new\n"), {}, here).proven == ["key"]
    ((sshd, report, name, text, used, replaced),) = asked["sshd"]
    assert (sshd, name, text, used) == ("/usr/sbin/sshd", "ana", "new\n", "SHA256:x") and report == asked["report"]
    assert replaced == ["/home/ana/.ssh/authorized_keys", "/etc/keys/ana"]


def test_the_journal_is_asked_for_the_key_that_has_to_be_accepted(asked: dict[str, Any]) -> None:
    account_trial.verdict(planned("new\n"), {}, host(in_use=["ana"]))
    assert asked["sshd"][0][4] == "SHA256:journal"


def test_sudo_is_asked_for_who_called_it(asked: dict[str, Any]) -> None:
    files = {"/etc/sudoers.d/groundwork-new": "x"}
    assert account_trial.verdict(Plan(), files, host(sudo_user="ana")).proven == ["sudo"] and asked["sudo"] == [("ana", files)]
    assert account_trial.verdict(Plan(), files, host()).proven == [] == account_trial.verdict(Plan(), files, host(sudo_user="gone")).proven


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"program": None}, "this host has none"),
        ({"connection": Connection()}, "no connection by SSH"),
        ({"code": 1, "report": "no hostkeys"}, "no hostkeys"),
        ({"report": "authorizedkeysfile /etc/keys/%u\n"}, "/home/ana/.ssh/authorized_keys is not read"),
    ],
)
def test_what_cannot_be_asked_is_said(asked: dict[str, Any], state: dict[str, Any], said: str) -> None:
    asked.update(state)
    verdict = account_trial.verdict(planned("new"), {}, host(in_use=["ana"]))
    assert not verdict.refusal and said in verdict.unproven[0] and not asked["sshd"]


def test_the_account_in_use_stays_in_the_groups_that_sshd_asks_for(asked: dict[str, Any]) -> None:
    asked["report"] = "allowgroups admins ana-too\n"
    here = host(in_use=["ana"])
    assert "AllowGroups is 'admins ana-too'" in account_trial.verdict(planned(ANA.keys, ana=["ana", "adm"]), {}, here).refusal
    assert not account_trial.verdict(planned(ANA.keys, ana=["ana", "admins"]), {}, here).refusal
    assert not account_trial.verdict(planned(ANA.keys, ana=["ana"]), {}, here).refusal  # as they are
    assert not account_trial.verdict(planned(ANA.keys, ana=["ana", "adm"]), {}, host()).refusal
    asked["program"] = None
    assert not account_trial.verdict(planned(ANA.keys, ana=["ana", "adm"]), {}, here).refusal
