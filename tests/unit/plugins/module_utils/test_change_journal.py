# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput


def test_ids_sort_even_where_the_clock_was_set_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = tmp_path / "changes"
    (journal / change_journal.new_change_id(str(journal))).mkdir(parents=True)
    monkeypatch.setattr(change_journal.time, "gmtime", lambda: time.struct_time((2001, 1, 1, 0, 0, 0, 0, 1, 0)))
    second = change_journal.new_change_id(str(journal))
    (journal / second).mkdir()
    assert second == change_journal.names(str(journal))[-1] == "000002-20010101T000000Z"
    assert change_journal.newer_than("000001-z", str(journal)) == [second]
    assert len(change_journal.newer_than("", str(journal))) == 2


def test_the_lock_is_free_again_after_its_holder(tmp_path: Path) -> None:
    journal = str(tmp_path / "journal")
    for _ in range(2):
        with change_journal.locked(journal, "ana@controller"):
            assert (tmp_path / "journal").stat().st_mode & 0o7777 == 0o700
    assert "ana@controller" in (tmp_path / "journal.lock").read_text()


def test_a_lock_without_a_readable_age_still_names_its_holder(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    for text, expected in (("process 1 (x)\tnever", "process 1 (x)"), ("", "unknown"), (f"p\t{time.time() - 61}", "p, for 61 s")):
        lock.write_text(text)
        with lock.open() as stream:
            assert change_journal.holder(stream) == expected


def test_a_folder_that_is_gone_already_is_forgotten(tmp_path: Path) -> None:
    change_journal.forget("000001-20260101T000000Z", str(tmp_path))


def test_old_records_go_by_number_and_by_age_and_the_newest_stays(tmp_path: Path) -> None:
    for number in range(1, 6):
        (tmp_path / ("%06d-x" % number)).mkdir()
    change_journal.prune(str(tmp_path), kept=3, days=90)
    assert change_journal.names(str(tmp_path)) == ["000003-x", "000004-x", "000005-x"]
    for name in change_journal.names(str(tmp_path)):
        os.utime(tmp_path / name, (0, 0))
    change_journal.prune(str(tmp_path), kept=3, days=90)
    assert change_journal.names(str(tmp_path)) == ["000005-x"]


def test_what_is_still_under_way_is_not_pruned(tmp_path: Path) -> None:
    for number in range(1, 4):
        (tmp_path / "changes" / ("%06d-x" % number)).mkdir(parents=True)
    (tmp_path / "changes.pending").mkdir()
    (tmp_path / "changes.pending" / "000001-x").write_text("staging")
    change_journal.prune(str(tmp_path / "changes"), kept=1, days=90)
    assert change_journal.names(str(tmp_path / "changes")) == ["000001-x", "000003-x"]


def test_effects_stand_in_a_change_or_in_one_of_their_own(tmp_path: Path) -> None:
    journal = str(tmp_path / "changes")
    effect = {"undo": ["userdel", "ana"], "what": "the account ana was created"}
    first = change_journal.add_effects([effect], "", "run", journal)
    assert change_journal.add_effects([effect], first, "run", journal) == first
    manifest = change_journal.read(first, journal)
    assert manifest["effects"] == [effect, effect] and manifest["paths"] == [] and manifest["run"] == "run"
    assert change_journal.add_effects([], "", "run", journal) == "" and change_journal.pending(journal) == []
    assert (tmp_path / "changes" / first / "effects.json").stat().st_mode & 0o7777 == 0o600


def test_an_unknown_change_is_refused_with_the_newest(tmp_path: Path) -> None:
    (tmp_path / "000007-x").mkdir()
    (tmp_path / "000007-x" / "manifest.json").write_text(json.dumps({"version": 2, "paths": []}))
    with pytest.raises(BadInput, match="The newest are: 000007-x"):
        change_journal.read("000001-y", str(tmp_path))


def test_digests_of_secrets_are_keyed_by_host(tmp_path: Path) -> None:
    one, other = change_journal.Digests(str(tmp_path / "a")), change_journal.Digests(str(tmp_path / "b"))
    assert one.of("00", secret=False) == "00"
    assert one.of("00", secret=True) == one.of("00", secret=True) != other.of("00", secret=True)
    assert (tmp_path / "a.key").stat().st_mode & 0o7777 == 0o600


def test_a_record_of_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "000001-x").mkdir()
    (tmp_path / "000001-x" / "manifest.json").write_text(json.dumps({"paths": []}))
    with pytest.raises(BadInput, match="format 1, expected 2"):
        change_journal.read("000001-x", str(tmp_path))


def test_records_of_an_earlier_version_are_no_changes_and_go_by_age(tmp_path: Path) -> None:
    for name in ("20261123T135000Z-1a2b3c4d", "000001-x"):
        (tmp_path / name).mkdir()
    assert change_journal.names(str(tmp_path)) == ["000001-x"]
    change_journal.prune(str(tmp_path), kept=1)
    assert len(list(tmp_path.iterdir())) == 2
    os.utime(tmp_path / "20261123T135000Z-1a2b3c4d", (0, 0))
    change_journal.prune(str(tmp_path), kept=1)
    assert [path.name for path in tmp_path.iterdir()] == ["000001-x"]
