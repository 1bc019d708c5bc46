# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., dict[str, Any]]


def sh(script: str) -> list[str]:
    return ["sh", "-c", script]


def test_status_and_output(run: Run) -> None:
    assert run("command", argv=sh("echo ready; echo oops >&2; exit 3"), exit=[0, 3], contains="ready", errors="oops")["status"] == "ok"
    message = run("command", argv=sh("echo the reason >&2; exit 3"))["message"]
    assert "expected exit 0, observed 3" in message and message.endswith("\n    the reason")
    assert "matching ^x, observed 4 characters without it" in run("command", argv=["echo", "abc"], matches="^x")["message"]


def test_json(run: Run) -> None:
    argv = ["echo", '{"queue": {"length": 7}, "hosts": [{"name": "a"}]}']
    assert run("command", argv=argv, json={"queue.length": {"at_most": 10}, "hosts[0].name": "a", "hosts": {"length": 1}})["status"] == "ok"
    assert "expected json queue.length at most 5, observed 7" in run("command", argv=argv, json={"queue.length": {"at_most": 5}})["message"]
    assert "expected json none 1, observed nothing" in run("command", argv=argv, json={"none": 1})["message"]
    assert "(it prints no JSON)" in run("command", argv=["echo", "x"], json={"a": 1})["message"]


def test_no_program(run: Run) -> None:
    assert "No such file" in run("command", argv=["/nowhere"])["message"]


def test_environment_and_directory(run: Run, tmp_path: Path) -> None:
    result = run("command", argv=sh("echo $WHO $PWD"), environment={"WHO": "me"}, directory=str(tmp_path), contains="me %s" % tmp_path)
    assert result["status"] == "ok"


def test_one_that_does_not_end_is_killed_with_what_it_started(run: Run, tmp_path: Path) -> None:
    started = time.monotonic()
    script = "(sleep 1.5; echo alive > %s/alive) & sleep 60" % tmp_path
    assert "it did not end within 0.4 s and was killed" in run("command", argv=sh(script), timeout_="400ms")["message"]
    assert time.monotonic() - started < 4
    time.sleep(1.6)
    assert not (tmp_path / "alive").exists()
