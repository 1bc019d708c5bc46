# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import sshd_trial, sudo_trial
from ansible_collections.groundwork.fleet.plugins.module_utils.ssh_trial import Connection, Verdict
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import ssh_access

ARGUMENTS = {"content": "PermitRootLogin no\n", "user": "root"}


@pytest.fixture
def arguments(tmp_path):
    config = tmp_path / "sshd_config"
    config.write_text(f"Include {tmp_path}/sshd_config.d/*.conf\nUsePAM yes\n")
    return {**ARGUMENTS, "config": str(config), "path": f"{tmp_path}/sshd_config.d/10-groundwork.conf"}


@pytest.fixture(autouse=True)
def trials(monkeypatch):
    """No trial really takes place; `asked` notes who is asked, `verdict` is what comes out."""
    state = {"asked": [], "verdict": Verdict(proven=["it works"]), "used": ""}
    monkeypatch.setattr(sshd_trial, "connection", lambda: Connection("192.0.2.7", "34980", "192.0.2.1", "22"))
    monkeypatch.setattr(sshd_trial, "used_key", lambda name, connection: state["used"])
    monkeypatch.setattr(sshd_trial, "attempt", lambda *arguments: state["asked"].append(arguments) or state["verdict"])
    monkeypatch.setattr(sudo_trial, "changes", list)
    monkeypatch.setattr(sudo_trial, "attempt", lambda *arguments: state["asked"].append(arguments) or state["verdict"])
    monkeypatch.delenv("SUDO_USER", raising=False)
    return state


def answering(run_step, report, code=0, before=None):
    class Module(run_step.base):
        def get_bin_path(self, name, required=False, opt_dirs=()):
            return "/usr/sbin/sshd"

        def run_command(self, command):
            Module.command = command
            with open(command[command.index("-f") + 1], encoding="utf-8") as stream:
                Module.config = stream.read()
            now = before is not None and "groundwork-" not in command[command.index("-f") + 1]
            return code, before if now else report, "line 1: Bad configuration option"

    return Module


def test_who_would_be_locked_out_is_told_why(run_step, arguments):
    module = answering(run_step, "permitrootlogin no\npasswordauthentication yes\n")
    answer = run_step(ssh_access, base=module, **arguments)
    assert answer["failed"] and "would lock out 'root'" in answer["msg"] and "PermitRootLogin is 'no'" in answer["msg"]
    assert "user=root,host=192.0.2.7,addr=192.0.2.7,laddr=192.0.2.1,lport=22" in module.command
    assert module.config.startswith("Include /") and "drop-in.conf\nUsePAM yes" in module.config


def test_who_stays_admitted_passes(run_step, arguments):
    answer = run_step(ssh_access, base=answering(run_step, "permitrootlogin yes\npasswordauthentication yes\n"), **arguments)
    assert answer["user"] == "root" and answer["changed"] is False


def test_who_would_lose_the_port_is_told(run_step, arguments):
    class Module(answering(run_step, "permitrootlogin yes\npasswordauthentication yes\nport 2222\n")):
        def run_command(self, command):
            code, report, errors = super().run_command(command)
            return code, report.replace("2222", "22") if command[3] == arguments["config"] else report, errors

    answer = run_step(ssh_access, base=Module, **arguments)
    assert answer["failed"] and "Port is '2222' and the connection uses 22" in answer["msg"]
    assert "Port: [22, 2222] in hardening_sshd" in answer["msg"] and "Connect as" not in answer["msg"]


def test_the_option_that_sshd_refuses_is_named(run_step, arguments):
    class Module(answering(run_step, "", code=255)):
        def run_command(self, command):
            code, report, _errors = super().run_command(command)
            staged = self.config.split()[1]
            return code, report, f"{staged} line 2: Bad SSH2 cipher spec 'aes'.\r\n"

    answer = run_step(ssh_access, base=Module, **{**arguments, "content": "# head\nCiphers aes\n"})
    assert answer["msg"].startswith("hardening_sshd['Ciphers'] is 'aes'; sshd of this host refuses it: Bad SSH2 cipher spec 'aes'. Mend it")
    assert "drop-in.conf" not in answer["msg"] and "Nothing was changed" in answer["msg"]


def test_a_configuration_that_sshd_refuses(run_step, arguments):
    answer = run_step(ssh_access, base=answering(run_step, "", code=255), **arguments)
    assert "sshd refuses the new configuration; nothing was changed" in answer["msg"] and "Bad configuration option" in answer["msg"]


def test_an_unknown_user_and_a_drop_in_that_is_not_read(run_step, arguments, tmp_path):
    module = answering(run_step, "")
    assert "expected a user of the host" in run_step(ssh_access, base=module, **{**arguments, "user": "no-such-user"})["msg"]
    answer = run_step(ssh_access, base=module, **{**arguments, "path": f"{tmp_path}/elsewhere/x.conf"})
    assert "would not be read" in answer["msg"] and "Include" in answer["msg"]


KEYS_ONLY = "permitrootlogin yes\npasswordauthentication no\nauthorizedkeyscommand /usr/bin/keys\n"


def test_a_second_sshd_is_asked_where_sshd_would_work_otherwise(run_step, arguments, trials):
    trials["used"] = "SHA256:x"
    answer = run_step(ssh_access, base=answering(run_step, KEYS_ONLY, before="x\n"), **arguments)
    assert answer["proven"] == ["it works"] and answer["unproven"] == []
    ((_sshd, report, name, _keys, demanded),) = trials["asked"]
    assert (report, name, demanded) == (KEYS_ONLY, "root", "SHA256:x")


@pytest.mark.parametrize(("before", "options"), [(KEYS_ONLY, {}), ("x\n", {"trial": False})])
def test_nothing_is_tried_where_nothing_changes_or_nobody_wants_it(run_step, arguments, trials, before, options):
    answer = run_step(ssh_access, base=answering(run_step, KEYS_ONLY, before=before), **arguments, **options)
    assert not answer.get("failed") and trials["asked"] == []


@pytest.mark.parametrize(("used", "asked"), [("SHA256:x", 1), ("", 0)])
def test_where_a_password_would_do_only_a_key_in_use_is_tried(run_step, arguments, trials, used, asked):
    trials["used"] = used
    report = KEYS_ONLY.replace("passwordauthentication no", "passwordauthentication yes")
    run_step(ssh_access, base=answering(run_step, report, before="x\n"), **arguments)
    assert len(trials["asked"]) == asked


def test_what_the_trial_refuses_is_refused_and_what_it_cannot_prove_is_said(run_step, arguments, trials):
    trials["verdict"] = Verdict("it does not accept SHA256:x")
    answer = run_step(ssh_access, base=answering(run_step, KEYS_ONLY, before="x\n"), **arguments)
    assert answer["failed"] and "hardening_sshd would lock out 'root'" in answer["msg"] and "it does not accept SHA256:x" in answer["msg"]
    trials["verdict"] = Verdict(unproven=["no ssh"])
    answer = run_step(ssh_access, base=answering(run_step, KEYS_ONLY, before="x\n"), **arguments)
    assert answer["unproven"] == ["no ssh"] and answer["warnings"] == ["Before the change: no ssh. The new connection after it decides."]


def test_sudo_is_tried_for_who_called_it(run_step, trials, monkeypatch):
    staged = {"/etc/sudoers.d/50-own": "x\n"}
    assert run_step(ssh_access, user="root", sudoers=staged)["proven"] == []
    monkeypatch.setenv("SUDO_USER", "root")
    assert run_step(ssh_access, sudoers={})["proven"] == []
    assert run_step(ssh_access, sudoers=staged)["proven"] == ["it works"] and trials["asked"] == [("root", staged)]
    trials["verdict"] = Verdict("sudo would not")
    message = run_step(ssh_access, sudoers=staged)["msg"]
    assert "sudo would lock out 'root', the user of this connection: sudo would not" in message and "leave out what writes" in message
