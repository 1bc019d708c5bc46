# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

from ansible_collections.groundwork.fleet.plugins.module_utils import log_mark

from tests.unit.plugins.module_utils.test_log_spool import lines, note


def test_the_mark_has_where_the_run_began(tmp_path: Path) -> None:
    path = tmp_path / "a 1 2.log"
    path.write_text(lines(3))
    name = note(tmp_path, path, 24).name
    (tmp_path / "imjournal.state").write_text("s=1;i=2\n")
    folder = str(tmp_path)
    assert log_mark.begun_at(folder) == {} and log_mark.cursor_at(folder) == ""
    assert log_mark.begin(folder, log_mark.noted(folder)) is None
    log_mark.keep_noted(folder)
    assert log_mark.begun_at(folder) == {name: 24} and log_mark.cursor_at(folder) == "s=1;i=2"
    assert log_mark.begin(folder, log_mark.noted(folder)) is None, "it noted nothing"
    note(tmp_path, path, 36)
    assert log_mark.begin(folder, log_mark.noted(folder)) is not None
    assert log_mark.begun_at(folder) == {}
    log_mark.keep_text(folder, "other 5b\n")
    assert log_mark.begun_at(folder) == {}
