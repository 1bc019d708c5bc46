# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import ssh_access

ARGUMENTS = {"content": "PermitRootLogin no\n", "user": "root"}


@pytest.fixture
def arguments(tmp_path):
    config = tmp_path / "sshd_config"
    config.write_text(f"Include {tmp_path}/sshd_config.d/*.conf\nUsePAM yes\n")
    return {**ARGUMENTS, "config": str(config), "path": f"{tmp_path}/sshd_config.d/10-groundwork.conf"}


def answering(run_step, report, code=0):
    class Module(run_step.base):
        def get_bin_path(self, name, required=False, opt_dirs=()):
            return "/usr/sbin/sshd"

        def run_command(self, command):
            Module.command = command
            with open(command[command.index("-f") + 1], encoding="utf-8") as stream:
                Module.config = stream.read()
            return code, report, "line 1: Bad configuration option"

    return Module


def test_who_would_be_locked_out_is_told_why(run_step, arguments):
    module = answering(run_step, "permitrootlogin no\npasswordauthentication yes\n")
    answer = run_step(ssh_access, base=module, **arguments)
    assert answer["failed"] and "would lock out 'root'" in answer["msg"] and "PermitRootLogin is 'no'" in answer["msg"]
    assert "user=root,host=localhost,addr=127.0.0.1" in module.command
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


def test_a_configuration_that_sshd_refuses(run_step, arguments):
    answer = run_step(ssh_access, base=answering(run_step, "", code=255), **arguments)
    assert "sshd refuses the new configuration; nothing was changed" in answer["msg"] and "Bad configuration option" in answer["msg"]


def test_an_unknown_user_and_a_drop_in_that_is_not_read(run_step, arguments, tmp_path):
    module = answering(run_step, "")
    assert "expected a user of the host" in run_step(ssh_access, base=module, **{**arguments, "user": "no-such-user"})["msg"]
    answer = run_step(ssh_access, base=module, **{**arguments, "path": f"{tmp_path}/elsewhere/x.conf"})
    assert "would not be read" in answer["msg"] and "Include" in answer["msg"]
