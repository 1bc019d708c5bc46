# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from pathlib import Path

from ansible_collections.groundwork.fleet.plugins.module_utils import newest_file


def test_the_newest_is_told_with_the_number_of_all(tmp_path: Path) -> None:
    for name, written in (("b.sql", 20), ("a.sql", 30), ("c.txt", 40)):
        (tmp_path / name).write_text(name * 2)
        os.utime(tmp_path / name, (0, written))
    assert newest_file.newest(f"{tmp_path}/*.sql") == (30, 10, f"{tmp_path}/a.sql", 2)


def test_what_is_not_there_or_goes_meanwhile_is_none(tmp_path: Path) -> None:
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    assert newest_file.newest(f"{tmp_path}/*") is None
