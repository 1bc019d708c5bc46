# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health
from ansible_collections.groundwork.fleet.plugins.module_utils.checks import apt_setting

Run = Callable[..., dict[str, Any]]
Fake = Callable[[str, str], None]
DUMP = 'APT "";\nAPT::Get "";\nAPT::Get::AllowUnauthenticated "true";\nAPT::Periodic::Unattended-Upgrade "1";\n'


def test_words_of_one_kind_are_the_same(run: Run, fake_program: Fake) -> None:
    fake_program("apt-config", DUMP)
    assert run("apt_setting", name="APT::Periodic::Unattended-Upgrade", value="1")["status"] == "ok"
    assert run("apt_setting", name="apt::get::allowunauthenticated", value="1")["status"] == "ok"
    assert "observed 1" in run("apt_setting", name="APT::Periodic::Unattended-Upgrade", value="0")["message"]


def test_what_must_not_be(run: Run, fake_program: Fake) -> None:
    fake_program("apt-config", DUMP)
    assert "expected value other than 1, observed 1" in run("apt_setting", name="APT::Get::AllowUnauthenticated", forbidden="1")[
        "message"
    ] or (run("apt_setting", name="APT::Get::AllowUnauthenticated", forbidden="1")["status"] == "failed")
    assert run("apt_setting", name="Acquire::AllowInsecureRepositories", forbidden="1")["status"] == "ok"


def test_a_host_without_apt_does_not_apply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert apt_setting.observe(apt_setting.Options(name="a"), health.Deadline(1)).not_applicable == "apt is not installed"
