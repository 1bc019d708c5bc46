# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

from ansible_collections.groundwork.fleet.plugins.module_utils import secret_paths
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import Entry


def test_what_was_secret_once_stays_secret(tmp_path: Path) -> None:
    journal = str(tmp_path / "changes")
    entries = [Entry("/k/one", "file"), Entry("/k", "absent"), Entry("/k", "directory"), Entry("/kk", "absent")]
    assert secret_paths.marked(entries, journal) is entries
    secret_paths.remember([Entry("/k/one", "file", secret=True), Entry("/plain", "file"), Entry("/gone", "absent", secret=True)], journal)
    assert secret_paths.known(journal) == {"/k/one"}
    assert [one.secret for one in secret_paths.marked(entries, journal)] == [True, True, False, False]
    assert (tmp_path / "changes.secrets").stat().st_mode & 0o7777 == 0o600


def test_a_list_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    (tmp_path / "changes.secrets").write_text("{broken")
    assert secret_paths.known(str(tmp_path / "changes")) == set()
