# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., dict[str, Any]]


def test_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "settings"
    path.write_text("answer = forty-two\n")
    path.chmod(0o640)
    me = path.owner()
    assert run("file", path=str(path), mode="0640", owner=me, contains="forty-two")["status"] == "ok"
    assert "expected mode 0644, observed 0640" in run("file", path=str(path), mode="0644")["message"]
    assert "expected exists false, observed true" in run("file", path=str(path), exists=False)["message"]
    assert "forty-two" not in run("file", path=str(path), contains="no such text")["message"].replace("no such text", "")


def test_a_missing_file(run: Run, tmp_path: Path) -> None:
    assert "expected exists true, observed false" in run("file", path=str(tmp_path / "none"), mode="0644")["message"]
    assert run("file", path=str(tmp_path / "none"), exists=False)["status"] == "ok"
    (tmp_path / "link").symlink_to(tmp_path / "none")
    assert "a link that leads nowhere" in run("file", path=str(tmp_path / "link"))["message"]


def test_a_directory_has_no_content(run: Run, tmp_path: Path) -> None:
    assert "not a regular file" in run("file", path=str(tmp_path), contains="x")["message"]


def test_a_pipe_is_not_waited_for(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    started = time.monotonic()
    assert "observed nothing (not a regular file)" in run("file", path=str(tmp_path / "pipe"), contains="x")["message"]
    assert run("file", path=str(tmp_path / "pipe"), type="pipe")["status"] == "ok"
    assert time.monotonic() - started < 2


def test_more_about_a_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("start\nready in 5 s\n")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert run("file", path=str(path), matches=r"^ready in \d+ s$", sha256=digest, size=19, age="1m", type="file")["status"] == "ok"
    assert "expected content matching ^never, observed 19 characters without it" in run("file", path=str(path), matches="^never")["message"]
    assert "expected sha256" in run("file", path=str(path), sha256="00")["message"]
    os.utime(path, (0, time.time() - 7200))
    assert "expected age at most 60 s, observed 2 h" in run("file", path=str(path), age="1m")["message"]
    assert "expected age newer than 1h, observed 2 h" in run("file", path=str(path), age={"newer_than": "1h"})["message"]
    assert run("file", path=str(path), age={"older_than": "1h"}, size={"less_than": "1kB"})["status"] == "ok"


def test_a_link_is_looked_at_itself(run: Run, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("elsewhere")
    assert run("file", path=str(tmp_path / "link"), target="elsewhere", type="link")["status"] == "ok"
    assert "expected target here, observed elsewhere" in run("file", path=str(tmp_path / "link"), target="here")["message"]


def test_a_warning_about_content_that_nothing_else_asks_for(run: Run, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("abc")
    assert run("file", path=str(tmp_path / "f"), warn_={"contains": "x"})["status"] == "warning"


def test_an_expression_that_does_not_compile_is_refused(run: Run) -> None:
    with pytest.raises(ValueError, match=r"checks\.it\.file\.matches is '\('; expected a regular expression"):
        run("file", path="/", matches="(")
