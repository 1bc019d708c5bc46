# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health
from ansible_collections.groundwork.fleet.plugins.module_utils.checks import unit_exposure

Run = Callable[..., dict[str, Any]]
Fake = Callable[[str, str], None]


def test_the_overall_exposure_counts(run: Run, fake_program: Fake) -> None:
    fake_program("systemd-analyze", "  NAME  DESCRIPTION  EXPOSURE\n\n→ Overall exposure level for ssh.service: 4.9 OK :-)\n")
    assert run("unit_exposure", name="ssh.service", maximum=5.0)["status"] == "ok"
    assert run("unit_exposure", name="ssh.service", maximum="4.9")["status"] == "ok"
    assert "expected exposure at most 4.8, observed 4.9" in run("unit_exposure", name="ssh.service", maximum=4.8)["message"]


def test_a_unit_that_is_not_there_does_not_apply(run: Run, fake_program: Fake) -> None:
    fake_program("systemd-analyze", "Failed to get unit: Unit x.service not found.\n")
    fake_program("systemctl", "LoadState=not-found\n")
    result = run("unit_exposure", name="x.service", maximum=5)
    assert (result["status"], result["message"]) == ("not_applicable", "x.service is not installed")
    fake_program("systemctl", "LoadState=loaded\n")
    assert "observed nothing (Failed to get unit" in run("unit_exposure", name="x.service", maximum=5)["message"]


def test_a_host_without_systemd_does_not_apply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    seen = unit_exposure.observe(unit_exposure.Options(name="x.service", maximum=5.0), health.Deadline(1))
    assert seen.not_applicable == "systemd-analyze is not installed"
