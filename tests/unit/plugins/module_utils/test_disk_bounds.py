# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from pathlib import Path

from ansible_collections.groundwork.fleet.plugins.module_utils import disk_bounds


def test_the_size_is_that_of_the_file_system_on_which_a_folder_will_be(tmp_path: Path) -> None:
    status = os.statvfs(tmp_path)
    assert disk_bounds.size(str(tmp_path / "a" / "b")) == disk_bounds.size(str(tmp_path)) == status.f_blocks * status.f_frsize


def test_as_much_as_there_is_is_too_much() -> None:
    assert disk_bounds.refusal("v", "1k", 1023, "/s", 1024) is None
    told = disk_bounds.refusal("v", "1k", 1024, "/s", 1024)
    assert told == "v is '1k'; expected less than the 1024 bytes of the file system of /s. Write a smaller size, or auto."
