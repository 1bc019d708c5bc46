# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health
from ansible_collections.groundwork.fleet.plugins.module_utils.checks import odd_files

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, mode in (("su", 0o4755), ("wall", 0o2755), ("data", 0o4644), ("open", 0o666), ("plain", 0o644)):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(mode)
    for name, mode in (("tmp", 0o1777), ("drop", 0o777), ("own", 0o755)):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(mode)
    (tmp_path / "own" / "deep").touch()
    (tmp_path / "own" / "deep").chmod(0o4711)
    (tmp_path / "link").symlink_to("open")
    return tmp_path


@pytest.mark.parametrize(
    ("kind", "names"),
    [("set_id", ["own/deep", "su", "wall"]), ("world_writable", ["open"]), ("not_sticky", ["drop"]), ("unowned", [])],
)
def test_what_is_odd(root: Path, kind: str, names: list[str]) -> None:
    seen = odd_files.observe(odd_files.Options(kind=kind, root=str(root)), health.Deadline(5))
    assert seen.facts["found"] == [str(root / name) for name in names]


def test_what_is_known_is_in_order(run: Run, root: Path) -> None:
    known = [str(root / "su"), str(root / "own" / "*"), str(root / "w?ll")]
    assert run("odd_files", kind="set_id", root=str(root), known=known)["status"] == "ok"
    message = run("odd_files", kind="set_id", root=str(root), known=known[:2])["message"]
    assert "observed %s" % (root / "wall") in message


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file away")
def test_what_nobody_owns(root: Path) -> None:
    os.chown(root / "plain", 3999999, 0)
    seen = odd_files.observe(odd_files.Options(kind="unowned", root=str(root)), health.Deadline(5))
    assert seen.facts["found"] == [str(root / "plain")]


def test_many_are_counted(root: Path) -> None:
    for number in range(20):
        (root / ("%02d" % number)).touch()
        (root / ("%02d" % number)).chmod(0o666)
    found = odd_files.observe(odd_files.Options(kind="world_writable", root=str(root)), health.Deadline(5)).facts["found"]
    assert len(found) == odd_files.SHOWN + 1 and found[-1] == "and 11 more"


def test_one_walk_serves_all(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd_files.observe(odd_files.Options(kind="set_id", root=str(root)), health.Deadline(5))
    monkeypatch.setattr(odd_files, "_walk", None)
    odd_files.observe(odd_files.Options(kind="unowned", root=str(root)), health.Deadline(5))


def test_the_deadline_is_kept_and_told(root: Path) -> None:
    with pytest.raises(TimeoutError, match="give it more time"):
        odd_files.observe(odd_files.Options(kind="set_id", root=str(root)), health.Deadline(0))


def test_a_kind_that_is_none_is_refused(run: Run) -> None:
    assert "expected one of set_id" in run("odd_files", kind="setuid")["message"]
