# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health

Run = Callable[..., dict[str, Any]]

REPORT = """port 22
maxauthtries 4
logingracetime 120
permitrootlogin without-password
ciphers aes256-ctr,aes128-ctr
hostkey /etc/ssh/a
hostkey /etc/ssh/b
clientaliveinterval 0
authorizedkeysfile .ssh/authorized_keys .ssh/authorized_keys2
"""


@pytest.fixture
def sshd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the program that stands for sshd; its answer is what `report` beside it holds."""
    program = tmp_path / "sshd"
    program.write_text('#!/bin/sh\ntest "$*" = -T && cat "%s/report"\n' % tmp_path)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "report").write_text(REPORT)
    monkeypatch.setattr(shutil, "which", lambda _name, path: str(program))
    monkeypatch.setattr(health, "SHARED_FOR", -1)
    return program


@pytest.mark.parametrize(
    ("option", "expectation", "status"),
    [
        ("MaxAuthTries", {"value": "4"}, "ok"),
        ("MaxAuthTries", {"value": "3"}, "failed"),
        ("MaxAuthTries", {"at_most": 4}, "ok"),
        ("MaxAuthTries", {"at_most": 3}, "failed"),
        ("LoginGraceTime", {"value": "2m"}, "ok"),
        ("LoginGraceTime", {"value": "1m"}, "failed"),
        ("PermitRootLogin", {"value": "prohibit-password"}, "ok"),
        ("PermitRootLogin", {"at_most": 4}, "failed"),
        ("Ciphers", {"value": ["aes256-ctr", "aes128-ctr"]}, "ok"),
        ("Ciphers", {"value": "aes256-ctr,aes128-ctr"}, "ok"),
        ("Ciphers", {"value": ["aes128-ctr", "aes256-ctr"]}, "failed"),
        ("Ciphers", {"only": ["aes128-ctr", "aes256-ctr", "aes192-ctr"]}, "ok"),
        ("Ciphers", {"only": ["aes256-ctr"]}, "failed"),
        ("HostKey", {"only": ["/etc/ssh/b", "/etc/ssh/a"]}, "ok"),
        ("HostKey", {"includes": "/etc/ssh/b"}, "ok"),
        ("HostKey", {"includes": ["/etc/ssh/b", "/etc/ssh/c"]}, "failed"),
        ("ClientAliveInterval", {"at_least": 1, "at_most": 300}, "failed"),
        ("AuthorizedKeysFile", {"value": ".ssh/authorized_keys .ssh/authorized_keys2"}, "ok"),
    ],
)
def test_what_sshd_says_is_held_against_what_is_expected(
    run: Run, sshd: Path, option: str, expectation: dict[str, Any], status: str
) -> None:
    assert run("sshd", option=option, **expectation)["status"] == status


def test_an_option_that_sshd_does_not_have(run: Run, sshd: Path) -> None:
    assert "this sshd does not know the option" in run("sshd", option="RequiredRSASize", at_least=3072)["message"]


def test_a_configuration_that_sshd_refuses_is_told(run: Run, sshd: Path) -> None:
    (sshd.parent / "report").write_text("line 3: Bad configuration option: Portt\n")
    assert "Bad configuration option: Portt" in run("sshd", option="MaxAuthTries", value="4")["message"]


def test_a_host_without_sshd(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name, path: None)
    answer = run("sshd", option="MaxAuthTries", value="4")
    assert (answer["status"], answer["message"]) == ("not_applicable", "sshd is not installed")
