# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import file_content


def test_digest_and_copy_agree_over_several_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_content, "PIECE", 7)
    path, target = tmp_path / "a", io.BytesIO()
    path.write_bytes(bytes(range(100)))
    expected = hashlib.sha256(bytes(range(100))).hexdigest()
    assert file_content.digest(str(path)) == file_content.copy(str(path), target) == expected
    assert target.getvalue() == bytes(range(100))


def test_a_link_is_not_followed_and_a_pipe_holds_nobody_up(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError):
        file_content.open_file(str(tmp_path / "link"))
    with file_content.open_file(str(tmp_path / "pipe")) as stream:
        assert stream.read() in (b"", None)
