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
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the arguments of the stand-in for journalctl are noted; it prints three lines."""
    program = tmp_path / "journalctl"
    program.write_text('#!/bin/sh\necho "$@" > %s/asked\nprintf "disk failed\\ndisk slow\\nfan failed\\n"\n' % tmp_path)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    return tmp_path / "asked"


def test_lines_are_counted(run: Run, asked: Path) -> None:
    message = run("journal", unit="x.service", since="5m", priority="warning")["message"]
    assert "expected count at most 0, observed 3" in message
    assert message.endswith("disk failed\n    disk slow\n    fan failed")
    assert "-p warning --since=-300s -u x.service" in asked.read_text()


def test_only_matching_lines_count(run: Run, asked: Path) -> None:
    assert run("journal", pattern="^disk", count=2)["status"] == "ok"
    assert "observed 2" in run("journal", pattern="failed$")["message"]


def test_what_is_refused(run: Run) -> None:
    with pytest.raises(ValueError, match="`priority` is one of emerg"):
        run("journal", priority="error")
    with pytest.raises(ValueError, match="does not compile"):
        run("journal", pattern="[")
