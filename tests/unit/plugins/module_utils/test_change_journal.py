# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal


def test_ids_sort_by_time_and_never_meet() -> None:
    ids = [change_journal.new_change_id() for _ in range(50)]
    assert len(set(ids)) == 50
    assert [one[:16] for one in ids] == sorted(one[:16] for one in ids)


def test_the_lock_is_free_again_after_its_holder(tmp_path: Path) -> None:
    journal = str(tmp_path / "journal")
    for _ in range(2):
        with change_journal.locked(journal):
            assert (tmp_path / "journal").stat().st_mode & 0o7777 == 0o700
    assert (tmp_path / "journal.lock").read_text().split()[0].isdigit()


def test_a_folder_that_is_gone_already_is_forgotten(tmp_path: Path) -> None:
    change_journal.forget("20260101T000000Z-aaaaaaaa", str(tmp_path))
