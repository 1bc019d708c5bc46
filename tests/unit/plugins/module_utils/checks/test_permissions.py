# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, mode in (("a.log", 0o644), ("b.log", 0o660)):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(mode)
    (tmp_path / "c.log").symlink_to("/nowhere")
    return tmp_path


def test_bits_at_most(run: Run, folder: Path) -> None:
    assert run("permissions", path=str(folder / "a.log"), mode="0644")["status"] == "ok"
    assert run("permissions", path=str(folder / "a.log"), mode="0755")["status"] == "ok"
    message = run("permissions", path=str(folder / "a.log"), mode="0640")["message"]
    assert "expected mode at most 0640, observed 0644" in message and "a.log 0644" in message


def test_all_that_a_pattern_means(run: Run, folder: Path) -> None:
    assert run("permissions", path="%s/*.log" % folder, mode="0664")["status"] == "ok"
    message = run("permissions", path="%s/*.log" % folder, mode="0644")["message"]
    assert "expected mode at most 0644, observed 0664" in message and "b.log 0660" in message and "a.log" not in message


def test_owner_and_group(run: Run, folder: Path) -> None:
    own = pwd.getpwuid(os.geteuid()).pw_name
    assert run("permissions", path=str(folder / "a.log"), owner=own)["status"] == "ok"
    assert "expected owner nobody-here, observed %s" % own in run("permissions", path=str(folder / "a.log"), owner="nobody-here")["message"]
    assert run("permissions", path=str(folder / "a.log"), group="no-group-here")["status"] == "failed"


def test_what_is_not_there_and_a_link_do_not_apply(run: Run, folder: Path) -> None:
    for name in ("none", "c.log"):
        result = run("permissions", path=str(folder / name), mode="0600")
        assert (result["status"], result["message"]) == ("not_applicable", "there is no %s" % (folder / name))
