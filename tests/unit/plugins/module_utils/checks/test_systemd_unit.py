# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., dict[str, Any]]


def _fake_systemd(folder: Path, monkeypatch: pytest.MonkeyPatch, properties: str) -> None:
    for name, text in (("systemctl", properties), ("journalctl", "the last line")):
        (folder / name).write_text("#!/bin/sh\nprintf '%%s\\n' '%s'\n" % text)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)


def test_systemd_unit(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fake_systemd(tmp_path, monkeypatch, "LoadState=loaded\nActiveState=active\nSubState=running\nResult=success\nUnitFileState=enabled")
    assert run("systemd_unit", name="x.service", enabled=True)["status"] == "ok"
    assert "expected enabled false, observed true" in run("systemd_unit", name="x.service", enabled=False)["message"]


def test_systemd_unit_that_failed_shows_its_journal(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fake_systemd(tmp_path, monkeypatch, "LoadState=loaded\nActiveState=failed\nSubState=failed\nResult=exit-code\nUnitFileState=disabled")
    message = run("systemd_unit", name="x.service")["message"]
    assert "expected state active, observed failed (loaded, failed, result exit-code)" in message
    assert message.endswith("\n    the last line")
    assert run("systemd_unit", name="x.service", state=["active", "failed"])["status"] == "ok"


def test_systemd_that_does_not_answer(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fake_systemd(tmp_path, monkeypatch, "System has not been booted with systemd")
    assert "observed nothing (System has not been booted with systemd)" in run("systemd_unit", name="x.service")["message"]


def test_more_about_a_unit(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    properties = (
        "LoadState=loaded\nActiveState=active\nSubState=running\nResult=success\nUnitFileState=enabled\nNRestarts=7\nExecMainStatus=0\n"
        "WatchdogUSec=30s\nMemoryCurrent=5242880\nTasksCurrent=[not set]\nActiveEnterTimestampMonotonic=1\nInvocationID=abc"
    )
    _fake_systemd(tmp_path, monkeypatch, properties)
    assert (
        run("systemd_unit", name="x.service", substate="running", watchdog=True, running_for="1s", memory="5MiB", result="success")[
            "status"
        ]
        == "ok"
    )
    assert (
        "expected restarts at most 0, observed 7 (loaded, running, restarted 7 times)"
        in run("systemd_unit", name="x.service", restarts=0)["message"]
    )
    assert "expected memory at most 4 MiB, observed 5 MiB" in run("systemd_unit", name="x.service", memory="4MiB")["message"]
    assert "expected tasks at most 5, observed nothing" in run("systemd_unit", name="x.service", tasks=5)["message"]
    assert run("systemd_unit", name="x.service", warn_={"restarts": 3})["status"] == "warning"
    assert "    " not in run("systemd_unit", name="x.service", restarts=0, lines=0)["message"]
