# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health
from ansible_collections.groundwork.fleet.plugins.module_utils.checks import audit_rule

Run = Callable[..., dict[str, Any]]
Fake = Callable[[str, str], None]
RULES = "-a always,exit -F arch=b64 -S adjtimex,settimeofday -F key=time-change\n-w /etc/passwd -p wa -k identity\n"


def test_each_key_has_a_rule(run: Run, fake_program: Fake) -> None:
    fake_program("auditctl", RULES)
    assert run("audit_rule", keys=["identity", "time-change"])["status"] == "ok"
    message = run("audit_rule", keys=["identity", "scope"])["message"]
    assert "with all of identity, scope, observed identity, time-change (2 rules)" in message


@pytest.mark.parametrize("told", ["Error - Operation not permitted", "Error - audit support not in kernel", "You must be root: refused"])
def test_a_container_does_not_apply(run: Run, fake_program: Fake, told: str) -> None:
    fake_program("auditctl", told + "\n")
    result = run("audit_rule", keys=["identity"])
    assert (result["status"], result["message"]) == ("not_applicable", "container")


def test_a_host_without_it_does_not_apply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert audit_rule.observe(audit_rule.Options(keys=["a"]), health.Deadline(1)).not_applicable == "auditctl is not installed"
