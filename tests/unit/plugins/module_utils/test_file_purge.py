# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import file_purge
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import Entry


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A directory with files of several people."""
    found = tmp_path / "d"
    found.mkdir()
    for name in ("10-mine.conf", "20-theirs.conf", "readme.txt", ".20-theirs.conf.groundwork-000001-x"):
        (found / name).write_text("x")
    (found / "deep.conf").mkdir()
    return found


def gone(entries: list[Entry], managed: Path) -> list[str]:
    return [Path(one.path).name for one in file_purge.expanded(entries, str(managed)) if one.kind == "absent" and not one.internal]


def test_a_pattern_takes_what_matches_and_no_directory(directory: Path, tmp_path: Path) -> None:
    entries = [Entry(str(directory), "directory", purge="*.conf"), Entry(str(directory / "10-mine.conf"), "file")]
    assert gone(entries, tmp_path / "managed") == ["20-theirs.conf"]
    assert gone([Entry(str(directory), "directory", purge="*")], tmp_path / "m") == ["10-mine.conf", "20-theirs.conf", "readme.txt"]


def test_without_a_pattern_only_what_earlier_sets_wrote_goes(directory: Path, tmp_path: Path) -> None:
    managed = tmp_path / "managed"
    managed.mkdir()
    first = [Entry(str(directory), "directory", purge="managed"), Entry(str(directory / "10-mine.conf"), "file")]
    assert gone(first, managed) == []
    [record] = [one for one in file_purge.expanded(first, str(managed)) if one.internal]
    Path(record.path).write_bytes(record.content)
    assert gone([Entry(str(directory), "directory", purge="managed")], managed) == ["10-mine.conf"]
    removed = [Entry(str(directory), "absent", purge="managed")]
    assert [one.kind for one in file_purge.expanded(removed, str(managed)) if one.internal] == ["absent"]


def test_a_directory_that_is_not_there_loses_nothing(tmp_path: Path) -> None:
    assert gone([Entry(str(tmp_path / "none"), "directory", purge="*")], tmp_path / "m") == []
