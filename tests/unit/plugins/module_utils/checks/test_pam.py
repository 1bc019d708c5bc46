# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., dict[str, Any]]

SSHD = """# comment
@include common-auth
account required pam_nologin.so
account include common-account   # as Red Hat writes it
session optional pam_motd.so \\
    motd=/run/motd
"""
AUTH = """auth required pam_faillock.so preauth deny=3
auth [success=2 default=ignore] pam_unix.so nullok
auth [default=die] /lib/security/pam_faillock.so authfail
-auth optional pam_absent.so
password requisite pam_pwhistory.so remember=5
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "sshd").write_text(SSHD)
    (tmp_path / "common-auth").write_text(AUTH)
    (tmp_path / "common-account").write_text("account required pam_faillock.so\n")
    return tmp_path


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"type": "auth", "module": "pam_faillock.so", "arguments": ["preauth", "authfail"]}, "ok"),
        ({"type": "auth", "module": "pam_faillock.so", "arguments": ["authsucc"]}, "failed"),
        ({"type": "auth", "module": "pam_faillock.so", "before": "pam_unix.so"}, "ok"),
        ({"type": "auth", "module": "pam_unix.so", "before": "pam_faillock.so"}, "failed"),
        ({"type": "auth", "module": "pam_absent.so"}, "ok"),
        ({"type": "account", "module": "pam_faillock.so"}, "ok"),
        ({"type": "session", "module": "pam_faillock.so"}, "failed"),
        ({"type": "session", "module": "pam_faillock.so", "exists": False}, "ok"),
        ({"type": "session", "module": "pam_motd.so", "arguments": "motd=/run/motd"}, "ok"),
        ({"type": "auth", "module": "pam_unix.so", "without": ["nullok"]}, "failed"),
        ({"type": "auth", "module": "pam_unix.so", "without": ["debug"]}, "ok"),
        ({"type": "password", "module": "pam_pwhistory.so", "argument": "remember", "at_least": 5}, "ok"),
        ({"type": "password", "module": "pam_pwhistory.so", "argument": "remember", "at_least": 6}, "failed"),
        ({"type": "password", "module": "pam_pwhistory.so", "argument": "retry", "at_least": 1}, "failed"),
    ],
)
def test_the_stack_with_what_it_includes(run: Run, directory: Path, options: dict[str, Any], status: str) -> None:
    assert run("pam", service="sshd", directory=str(directory), **options)["status"] == status


def test_what_stands_there_is_told(run: Run, directory: Path) -> None:
    message = run("pam", service="sshd", type="auth", module="pam_tally.so", directory=str(directory))["message"]
    assert "the stack is pam_faillock.so pam_unix.so pam_faillock.so pam_absent.so" in message


def test_what_is_not_installed_is_not_applicable(run: Run, directory: Path) -> None:
    options = {"type": "auth", "module": "pam_unix.so"}
    assert run("pam", service="login", directory=str(directory), **options)["message"] == "the service login is not installed"
    assert run("pam", service="login", directory=str(directory / "none"), **options)["status"] == "not_applicable"


def test_an_include_that_is_missing_or_never_ends_fails(run: Run, directory: Path) -> None:
    (directory / "broken").write_text("@include nowhere\n")
    (directory / "loop").write_text("auth include loop\n")
    for service in ("broken", "loop"):
        assert run("pam", service=service, type="auth", module="pam_unix.so", directory=str(directory))["status"] == "failed"
