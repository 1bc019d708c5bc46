# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health
from ansible_collections.groundwork.fleet.plugins.module_utils.checks import systemd_setting

Run = Callable[..., dict[str, Any]]
Fake = Callable[[str, str], None]
TEXT = """# /etc/systemd/journald.conf
[Journal]
#Storage=auto
Storage = volatile
; Compress=no

# /etc/systemd/journald.conf.d/groundwork.conf
[Journal]
Storage=persistent
"""


def test_the_last_one_counts(run: Run, fake_program: Fake) -> None:
    fake_program("systemd-analyze", TEXT)
    assert run("systemd_setting", file="systemd/journald.conf", name="Storage", value="persistent")["status"] == "ok"
    assert run("systemd_setting", file="systemd/journald.conf", name="Storage", value=["auto", "persistent"])["status"] == "ok"
    message = run("systemd_setting", file="systemd/journald.conf", name="Storage", value="auto")["message"]
    assert "expected value auto, observed persistent" in message


def test_a_setting_that_nobody_sets_fails(run: Run, fake_program: Fake) -> None:
    fake_program("systemd-analyze", TEXT)
    message = run("systemd_setting", file="systemd/journald.conf", name="Compress", value="yes")["message"]
    assert "expected value yes, observed nothing (Compress of systemd/journald.conf)" in message


def test_a_program_that_is_not_there_does_not_apply(run: Run, fake_program: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_program("systemd-analyze", "No files found for systemd/none.conf.\n")
    result = run("systemd_setting", file="systemd/none.conf", name="a", value="b")
    assert (result["status"], result["message"]) == ("not_applicable", "there is no systemd/none.conf")
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    seen = systemd_setting.observe(systemd_setting.Options(file="a", name="b", value=["c"]), health.Deadline(1))
    assert seen.not_applicable == "systemd-analyze is not installed"
