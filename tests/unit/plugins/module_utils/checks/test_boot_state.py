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


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    def made(state: str, failed: str) -> None:
        (tmp_path / "systemctl").write_text("#!/bin/sh\ncase $1 in is-system-running) echo %s;; *) printf '%s';; esac\n" % (state, failed))
        (tmp_path / "systemctl").chmod(0o755)

    return made


FAILED = "a.service loaded failed failed A\\nb.service loaded failed failed B\\n"


def test_a_host_that_runs(run: Run, says: Callable[[str, str], None]) -> None:
    says("running", "")
    assert run("boot_state", failed=0)["status"] == "ok"


def test_failed_units_are_named(run: Run, says: Callable[[str, str], None]) -> None:
    says("degraded", FAILED)
    assert "expected state running, observed degraded (failed: a.service, b.service)" in run("boot_state")["message"]
    assert "observed degraded (failed: b.service)" in run("boot_state", ignore="a.service")["message"]
    assert run("boot_state", ignore=["a.service", "b.service"], failed=0)["status"] == "ok"


def test_one_that_is_still_starting_is_not_hidden_by_ignored_units(run: Run, says: Callable[[str, str], None]) -> None:
    says("starting", FAILED)
    assert "observed starting" in run("boot_state", ignore=["a.service", "b.service"])["message"]
