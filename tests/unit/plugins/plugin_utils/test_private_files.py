# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import private_files


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_gets_its_mode_whatever_was_there(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    path.chmod(0o666)
    private_files.write_atomically(path, b"new", 0o640)
    assert (path.read_bytes(), mode(path)) == (b"new", 0o640)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x").write_bytes(b"old")

    def refuse(source: str, target: str) -> None:
        raise OSError("no")

    monkeypatch.setattr(private_files.os, "replace", refuse)
    with pytest.raises(OSError, match="no"):
        private_files.write_atomically(tmp_path / "x", b"new", 0o600)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x").read_bytes() == b"old"


def test_a_directory_and_what_lacks_above_it_are_closed(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    private_files.private_directory(tmp_path / "open" / "new" / "last")
    assert [mode(tmp_path / "open" / part) for part in ("", "new", "new/last")] == [0o755, 0o700, 0o700]
    (tmp_path / "open" / "new").chmod(0o755)
    private_files.private_directory(tmp_path / "open" / "new")
    assert mode(tmp_path / "open" / "new") == 0o700
