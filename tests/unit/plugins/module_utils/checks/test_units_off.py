# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health
from ansible_collections.groundwork.fleet.plugins.module_utils.checks import units_off

Run = Callable[..., dict[str, Any]]
Fake = Callable[[str, str], None]
OFF = "LoadState=not-found\nActiveState=inactive\nUnitFileState=\n"
MASKED = "LoadState=masked\nActiveState=failed\nUnitFileState=masked\n"
ENABLED = "LoadState=loaded\nActiveState=inactive\nUnitFileState=enabled\n"
RUNS = "LoadState=loaded\nActiveState=active\nUnitFileState=enabled\n"


def test_units_that_are_off(run: Run, fake_program: Fake) -> None:
    fake_program("systemctl", OFF + "\n" + MASKED)
    assert run("units_off", names=["a.service", "b.socket"])["status"] == "ok"


def test_those_that_are_not_are_named(run: Run, fake_program: Fake) -> None:
    fake_program("systemctl", OFF + "\n" + ENABLED + "\n" + RUNS)
    message = run("units_off", names=["a.service", "b.service", "c.service"])["message"]
    assert "expected enabled false, observed b.service, c.service" in message and "running false, observed c.service" in message
    assert run("units_off", names=["a.service", "b.service", "c.service"], enabled=True, running=True)["status"] == "ok"
    assert run("units_off", names=["a.service", "b.service", "c.service"], enabled=True)["status"] == "failed"


def test_an_answer_for_other_units_is_no_answer(run: Run, fake_program: Fake) -> None:
    fake_program("systemctl", "System has not been booted with systemd")
    assert "observed nothing (System has not been" in run("units_off", names=["a.service", "b.service"])["message"]


def test_a_host_without_systemd_does_not_apply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert units_off.observe(units_off.Options(names=["a.service"]), health.Deadline(1)).not_applicable == "systemd is not installed"
