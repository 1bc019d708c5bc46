# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

from ansible_collections.groundwork.fleet.plugins.module_utils import readable_file


def test_a_file_is_replaced_and_readable_for_all(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o600)
    before = path.stat().st_ino
    readable_file.write(str(path), "new ü")
    assert path.read_text(encoding="utf-8") == "new ü" and path.stat().st_mode & 0o777 == 0o644
    assert path.stat().st_ino != before and [one.name for one in tmp_path.iterdir()] == ["report.json"]
