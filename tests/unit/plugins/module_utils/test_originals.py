# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import originals


def test_a_record_comes_and_goes_with_its_directories(tmp_path: Path) -> None:
    top = tmp_path / "memory"
    record = str(top / "hardening" / "x.json")
    assert originals.recall(record) == {}
    originals.remember(record, {"b": 1, "a": "2"}, str(top))
    assert originals.recall(record) == {"a": "2", "b": 1} and Path(record).stat().st_mode & 0o777 == 0o600
    originals.remember(record, {}, str(top))
    assert list(tmp_path.iterdir()) == []
    originals.remember(record, {}, str(top))


def test_the_directory_stays_while_another_owner_remembers(tmp_path: Path) -> None:
    top = tmp_path / "memory"
    originals.remember(str(top / "one.json"), {"a": 1}, str(top))
    originals.remember(str(top / "two.json"), {"a": 1}, str(top))
    originals.remember(str(top / "one.json"), {}, str(top))
    assert [path.name for path in top.iterdir()] == ["two.json"]


def test_a_run_that_is_cut_off_has_forgotten_nothing(tmp_path: Path) -> None:
    record = str(tmp_path / "memory" / "x.json")
    originals.remember(record, {"old": 1}, str(tmp_path / "memory"))
    with pytest.raises(RuntimeError), originals.kept(record, {"old": 1}, {"new": 2}, str(tmp_path / "memory")):
        assert originals.recall(record) == {"old": 1, "new": 2}
        raise RuntimeError
    assert originals.recall(record) == {"old": 1, "new": 2}
    with originals.kept(record, {"old": 1, "new": 2}, {"new": 2}, str(tmp_path / "memory")):
        assert originals.recall(record) == {"old": 1, "new": 2}
    assert originals.recall(record) == {"new": 2}


def test_where_nothing_changes_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(originals, "remember", None)
    with originals.kept(str(tmp_path / "x.json"), {"a": 1}, {"a": 1}, str(tmp_path)):
        pass


def test_only_what_is_forgotten_is_told_to_the_journal(tmp_path: Path) -> None:
    record, top = str(tmp_path / "memory" / "x.json"), str(tmp_path / "memory")
    assert originals.effects(record, {"a": 1}, {"a": 1, "b": 2}, top) == []
    assert originals.effects(record, {"a": 1, "b": 2}, {"b": 2}, top) == [{"record": record, "held": {"a": 1, "b": 2}, "top": top}]


def test_what_was_remembered_since_is_not_overwritten(tmp_path: Path) -> None:
    record, top = str(tmp_path / "memory" / "x.json"), str(tmp_path / "memory")
    originals.remember(record, {"b": 3}, top)
    originals.remember_again({"record": record, "held": {"a": 1, "b": 2}, "top": top})
    assert originals.recall(record) == {"a": 1, "b": 3}
