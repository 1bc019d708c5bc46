# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

from ansible_collections.groundwork.fleet.plugins.module_utils import file_diff, file_set
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import Entry


def file(path: Path, content: str, mode: int = 0o644, secret: bool = False) -> Entry:
    return Entry(str(path), "file", mode=mode, content=content.encode(), secret=secret)


def test_a_diff_names_mode_owner_and_binary_content(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"\0\1")
    path.chmod(0o644)
    [change] = file_set.changes([Entry(str(path), "file", mode=0o600, owner="4711", content=b"text\n")])
    diff = file_diff.diff_of(change)
    assert (diff["before"], diff["after"]) == ("(binary or large content, 2 bytes)\n", "text\n")
    assert "file 0644" in diff["before_header"] and "file 0600 4711:" in diff["after_header"]


def test_a_diff_of_a_mode_alone_shows_it(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("same\n")
    path.chmod(0o644)
    diff = file_diff.diff_of(file_set.changes([file(path, "same\n", 0o600)])[0])
    assert diff["before"].startswith("same\n# file 0644 ") and diff["after"].startswith("same\n# file 0600 ")


def test_a_secret_is_not_in_the_diff(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("old-s3cret")
    [change] = file_set.changes([file(path, "new-s3cret", 0o600, secret=True)])
    diff = file_diff.diff_of(change)
    assert "s3cret" not in "".join(diff.values()).replace(str(path), "")
    assert diff["before"] != diff["after"]


def test_binary_content_of_one_size_still_differs(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"\0a")
    [change] = file_set.changes([Entry(str(path), "file", content=b"\0b")])
    diff = file_diff.diff_of(change)
    assert (diff["before"], diff["after"]) == ("(old binary or large content, 2 bytes)\n", "(new binary or large content, 2 bytes)\n")
