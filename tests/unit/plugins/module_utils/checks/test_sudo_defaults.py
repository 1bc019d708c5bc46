# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health

Run = Callable[..., dict[str, Any]]

POLICY = {
    "Defaults": [
        {"Options": [{"env_reset": True}, {"use_pty": False}]},
        {"Options": [{"use_pty": True}]},
        {"Binding": [{"username": "ana"}], "Options": [{"requiretty": True}]},
        {"Options": [{"passwd_timeout": "1"}, {"timestamp_timeout": "-1"}, {"umask": "0077"}, {"mail_badpass": False}]},
        {"Options": [{"operation": "list_add"}, {"env_keep": ["LANG"]}]},
    ],
    "User_Specs": [
        {"User_List": [{"username": "root"}], "Cmnd_Specs": [{"Options": [{"setenv": True}]}]},
        {"User_List": [{"username": "deploy"}, {"usergroup": "ops"}], "Cmnd_Specs": [{"Options": [{"authenticate": False}]}]},
    ],
}


@pytest.fixture
def sudoers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "cvtsudoers"
    program.write_text('#!/bin/sh\ntest "$1 $2" = "-f json" && cat "$3"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(shutil, "which", lambda _name, path: str(program))
    monkeypatch.setattr(health, "SHARED_FOR", -1)
    (tmp_path / "sudoers").write_text(json.dumps(POLICY))
    return tmp_path / "sudoers"


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"name": "use_pty", "enabled": True}, "ok"),
        ({"name": "mail_badpass", "enabled": False}, "ok"),
        ({"name": "requiretty", "enabled": True}, "failed"),
        ({"name": "requiretty", "enabled": False}, "ok"),
        ({"name": "umask", "value": "0077"}, "ok"),
        ({"name": "umask", "value": ["0022"]}, "failed"),
        ({"name": "passwd_timeout", "at_most": 1}, "ok"),
        ({"name": "passwd_timeout", "at_most": 0}, "failed"),
        ({"name": "timestamp_timeout", "at_most": 15}, "failed"),
        ({"name": "logfile", "value": "/var/log/sudo.log"}, "failed"),
        ({"without_password": ["deploy", "%ops"]}, "ok"),
        ({"without_password": []}, "failed"),
    ],
)
def test_defaults_for_everybody(run: Run, sudoers: Path, options: dict[str, Any], status: str) -> None:
    assert run("sudo_defaults", path=str(sudoers), **options)["status"] == status


def test_a_policy_that_sudo_cannot_read_is_told(run: Run, sudoers: Path) -> None:
    sudoers.write_text("syntax error near line 3\n")
    assert "syntax error near line 3" in run("sudo_defaults", path=str(sudoers), name="use_pty", enabled=True)["message"]


def test_a_host_without_sudo(run: Run, sudoers: Path) -> None:
    assert run("sudo_defaults", path=str(sudoers) + ".none", name="use_pty", enabled=True)["message"] == "sudo is not installed"
