# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import (
    change_journal,
    file_content,
    file_swap,
    guard_record,
    undo,
    undo_effects,
)
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import Entry


def file(path: Path, content: str, mode: int = 0o644, secret: bool = False) -> Entry:
    return Entry(str(path), "file", mode=mode, content=content.encode(), secret=secret)


@pytest.fixture
def journal(tmp_path: Path) -> str:
    return str(tmp_path / "journal" / "changes")


@pytest.fixture
def put(journal: str):
    def run(*entries: Entry, who: str = "run 1") -> str:
        return file_swap.apply(list(entries), [], file_swap.Conditions(run=who, journal=journal)).change

    return run


def snapshot(directory: Path) -> dict[str, object]:
    """Return everything below a directory: kind, mode, content, target."""
    found: dict[str, object] = {}
    for path in sorted(directory.rglob("*")):
        if path.is_relative_to(directory / "journal"):
            continue
        content = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else "directory"
        found[str(path.relative_to(directory))] = (oct(path.lstat().st_mode), content)
    return found


def prepared(directory: Path) -> list[Entry]:
    """Make one of each kind, and return a set that changes all of them."""
    for name in ("plain", "gone", "mode"):
        (directory / name).write_text("before " + name)
        (directory / name).chmod(0o640)
    (directory / "large").write_bytes(os.urandom(file_content.LARGE + 5))
    (directory / "link").symlink_to("/old")
    (directory / "tree" / "deep").mkdir(parents=True)
    (directory / "tree" / "deep" / "x").write_text("x")
    (directory / "tree" / "link").symlink_to("deep/x")
    (directory / "d").mkdir(mode=0o700)
    return [
        file(directory / "plain", "after"), file(directory / "new", "after"), file(directory / "large", "small now"),
        file(directory / "mode", "before mode", 0o600), Entry(str(directory / "link"), "link", target="/new"),
        Entry(str(directory / "gone"), "absent"), Entry(str(directory / "tree"), "absent"),
        Entry(str(directory / "d"), "directory", mode=0o755), Entry(str(directory / "made"), "directory", mode=0o755),
    ]  # fmt: skip


def test_every_kind_comes_back_and_the_way_back_can_be_gone_back(tmp_path: Path, put, journal: str) -> None:
    entries = prepared(tmp_path)
    before = snapshot(tmp_path)
    change = put(*entries)
    after = snapshot(tmp_path)
    assert before != after
    done = undo.undo([change], "run 2", journal=journal)
    assert snapshot(tmp_path) == before and not done.errors and not done.lost and done.changed
    assert change_journal.read(done.changes[0], journal)["undoes"] == change
    undo.undo(undo.chosen("last", journal), "run 3", journal=journal)
    assert snapshot(tmp_path) == after
    assert not undo.undo([change_journal.names(journal)[-1]], "run 4", journal=journal).errors


def test_what_somebody_else_changed_is_refused_and_shown(tmp_path: Path, put, journal: str) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("before")
    change = put(file(one, "after"), file(other, "after"))
    one.write_text("by hand")
    with pytest.raises(undo.Refused) as caught:
        undo.undo([change], journal=journal)
    text = str(caught.value)
    assert f"{one}: change {change} left file 0644" in text and "5 bytes" in text and "now it is file 0644" in text and "7 bytes" in text
    assert one.read_text() == "by hand" and other.exists()
    undo.undo([change], force=True, journal=journal)
    assert one.read_text() == "before" and not other.exists()


def test_what_is_back_already_is_no_conflict(tmp_path: Path, put, journal: str) -> None:
    one = tmp_path / "one"
    change = put(file(one, "after"))
    one.unlink()
    assert not undo.undo([change], journal=journal).changed


def test_an_old_secret_is_not_kept_and_said_so(tmp_path: Path, put, journal: str) -> None:
    secret, plain = tmp_path / "secret", tmp_path / "plain"
    secret.write_text("old-s3cret")
    change = put(file(secret, "new-s3cret", 0o600, secret=True), file(plain, "x"))
    with pytest.raises(undo.Refused, match=f"{secret}: secret content is not kept"):
        undo.undo([change], journal=journal)
    assert plain.exists()
    done = undo.undo([change], force=True, journal=journal)
    assert done.lost == [f"{secret}: secret content is not kept"] and not plain.exists() and secret.read_text() == "new-s3cret"


def test_a_secret_that_was_not_there_before_goes(tmp_path: Path, put, journal: str) -> None:
    change = put(file(tmp_path / "secret", "new", 0o600, secret=True))
    assert not undo.undo([change], journal=journal).lost and not (tmp_path / "secret").exists()


def test_several_changes_go_back_newest_first(tmp_path: Path, put, journal: str) -> None:
    path = tmp_path / "a"
    path.write_text("0")
    put(file(path, "old"), who="run 0")
    for text in ("1", "2", "3"):
        put(file(path, text))
    assert len(undo.chosen("last_run", journal)) == 3
    undo.undo(undo.chosen("last_run", journal), "run 2", journal=journal)
    assert path.read_text() == "old"


def test_the_last_change_must_exist(journal: str) -> None:
    for which in ("last", "last_run", "000009-x"):
        with pytest.raises(BadInput, match="journal"):
            undo.chosen(which, journal)


def test_check_mode_foresees_and_changes_nothing(tmp_path: Path, put, journal: str) -> None:
    path = tmp_path / "a"
    path.write_text("before")
    change = put(file(path, "after"))
    planned = undo.foreseen([change], journal=journal)
    assert planned.paths == [str(path)] and planned.diff[0]["after"].startswith("before") and path.read_text() == "after"


def test_a_directory_that_somebody_uses_stays(tmp_path: Path, put, journal: str) -> None:
    change = put(Entry(str(tmp_path / "d"), "directory", mode=0o755))
    (tmp_path / "d" / "theirs").write_text("x")
    undo.undo([change], journal=journal)
    assert (tmp_path / "d" / "theirs").exists()


def test_units_and_commands_are_brought_back_in_their_order(tmp_path: Path, put, journal: str, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    path = tmp_path / "a.conf"

    def record(command: list[str], errors: list[str]) -> str:
        called.append(("old " if not path.exists() else "new ") + " ".join(command))
        return ""

    monkeypatch.setattr(undo_effects, "_run", record)
    change = put(file(path, "x"))
    effects: list[dict[str, object]] = [
        {"unit": "new.service", "before": {"active": False, "enabled": ""}, "did": ["enable", "start"]},
        {"unit": "ssh.service", "before": {"active": True, "enabled": "enabled"}, "did": ["reload"]},
        {"unit": "off.service", "before": {"active": True, "enabled": "enabled"}, "did": ["disable", "stop"]},
        {"undo": ["userdel", "ana"], "what": "the account ana was created"},
        {"undo": [], "what": "the account bob was removed"},
    ]
    change_journal.add_effects(effects, change, "run 1", journal)
    done = undo.undo([change], force=True, journal=journal)
    assert called == [
        "new systemctl show -p Id,ActiveState,UnitFileState -- new.service off.service ssh.service",
        "new systemctl disable -- new.service", "new systemctl stop -- new.service",
        "old userdel ana", "old systemctl daemon-reload", "old systemctl reload-or-restart -- ssh.service",
        "old systemctl enable -- off.service", "old systemctl start -- off.service",
    ]  # fmt: skip
    assert done.lost == ["the account bob was removed"] and done.commands == ["userdel ana"]


def test_an_error_in_one_change_does_not_hold_up_the_others_when_forced(tmp_path: Path, put, journal: str) -> None:
    first = put(file(tmp_path / "a", "x"))
    (tmp_path / "dir").mkdir()
    (tmp_path / "dir" / "b").write_text("before")
    second = put(file(tmp_path / "dir" / "b", "x"))
    shutil.rmtree(tmp_path / "dir")
    done = undo.undo([second, first], force=True, journal=journal)
    assert "parent directory" in done.errors[0] and not (tmp_path / "a").exists()


def test_several_changes_go_back_as_one(tmp_path: Path, put, journal: str) -> None:
    path, other = tmp_path / "a", tmp_path / "b"
    first, second = put(file(path, "1")), put(file(path, "2"), file(other, "x"))
    done = undo.undo([second, first], "run 2", journal=journal)
    assert len(done.changes) == 1 and sorted(done.paths) == [str(path), str(other)]
    assert change_journal.read(done.changes[0], journal)["undoes"] == f"{second} {first}"
    assert not path.exists() and not other.exists()


def test_what_was_stopped_runs_again_where_the_files_do_not_come_back(
    tmp_path: Path, put, journal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []
    change = put(file(tmp_path / "a", "x"))
    change_journal.add_effects([{"unit": "a.service", "before": {"active": False, "enabled": ""}, "did": ["start"]}], change, "", journal)
    monkeypatch.setattr(undo_effects, "_run", lambda command, errors: called.append(command[1]) or "")

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(file_swap, "apply", full)
    with pytest.raises(OSError):
        undo.undo([change], journal=journal)
    assert called == ["show", "stop", "start"]


def test_what_was_in_a_directory_comes_back_at_the_second_attempt(tmp_path: Path, put, journal: str) -> None:
    prepared(tmp_path)
    before = snapshot(tmp_path)
    change = put(Entry(str(tmp_path / "tree"), "absent"))
    (tmp_path / "tree").mkdir(mode=0o755)  # the first attempt came as far as this
    (tmp_path / "tree").chmod(0o755)
    done = undo.undo([change], journal=journal)
    assert snapshot(tmp_path) == before and not done.errors


def test_a_directory_that_others_write_into_is_not_packed(tmp_path: Path, put, journal: str) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree").chmod(0o777)
    (tmp_path / "tree" / "x").write_text("x")
    change = put(Entry(str(tmp_path / "tree"), "absent"))
    assert not (tmp_path / "tree").exists() and not list(Path(journal, change).glob("*.tar"))
    with pytest.raises(BadInput, match="somebody else than root may write"):
        undo.undo([change], journal=journal)


def test_an_archive_that_is_damaged_is_told(tmp_path: Path, put, journal: str) -> None:
    prepared(tmp_path)
    change = put(Entry(str(tmp_path / "tree"), "absent"))
    next(Path(journal, change).glob("*.tar")).write_bytes(b"no archive")
    done = undo.undo([change], journal=journal)
    assert "did not come back whole" in done.errors[0] and (tmp_path / "tree").is_dir()


def test_a_digest_of_another_kind_is_no_change_by_somebody(tmp_path: Path, put, journal: str) -> None:
    """The path became a secret one later: its digests are keyed from then on."""
    path = tmp_path / "a"
    first = put(file(path, "1", 0o600))
    second = put(file(path, "2", 0o600, secret=True))
    undo.undo([second, first], journal=journal)
    assert not path.exists()


def test_with_force_a_record_that_cannot_be_read_does_not_hold_up_the_others(tmp_path: Path, put, journal: str) -> None:
    first, second = put(file(tmp_path / "a", "x")), put(file(tmp_path / "b", "x"))
    Path(journal, second, "manifest.json").write_text("{")
    with pytest.raises((BadInput, ValueError)):
        undo.undo([second, first], journal=journal)
    assert (tmp_path / "a").exists()
    done = undo.undo([second, first], force=True, journal=journal)
    assert second in done.errors[0] and not (tmp_path / "a").exists() and (tmp_path / "b").exists()


def test_nothing_is_stopped_under_a_guard_of_somebody_else(tmp_path: Path, put, journal: str, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    change = put(file(tmp_path / "a", "x"))
    change_journal.add_effects([{"unit": "a.service", "before": {"active": False, "enabled": ""}, "did": ["start"]}], change, "", journal)
    monkeypatch.setattr(undo_effects, "_run", lambda command, errors: called.append(command[1]) or "")

    def refuse(run: str, places: guard_record.Places) -> None:
        raise BadInput("somebody armed a guard")

    monkeypatch.setattr(guard_record, "refuse_foreign", refuse)
    with pytest.raises(BadInput, match="somebody armed"):
        undo.undo([change], journal=journal)
    assert called == [] and (tmp_path / "a").exists()


def test_a_run_is_chosen_by_its_mark(tmp_path: Path, put, journal: str) -> None:
    first, _second = put(file(tmp_path / "a", "1"), who="ana (run aaaaaa)"), put(file(tmp_path / "a", "2"), who="bob (run bbbbbb)")
    assert undo.chosen("run:aaaaaa", journal) == [first]
    assert undo.chosen("run:cccccc", journal) == [] and not undo.undo([], journal=journal).changed


def test_taking_back_units_alone_is_recorded_too(journal: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = "Id=a.service\nActiveState=active\nUnitFileState=enabled\n"
    monkeypatch.setattr(undo_effects, "_run", lambda command, errors: shown if command[1] == "show" else "")
    effect = {"unit": "a.service", "before": {"active": False, "enabled": "disabled"}, "did": ["enable", "start"]}
    change = change_journal.add_effects([effect], "", "run 1", journal)
    done = undo.undo([change], "run 2", journal=journal)
    [own] = done.changes
    [back] = change_journal.read(own, journal)["effects"]
    assert own > change and back["before"] == {"active": True, "enabled": "enabled"}
