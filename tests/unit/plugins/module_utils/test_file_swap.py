# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal, file_set, file_swap
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import Entry


def file(path: Path, content: str, mode: int = 0o644, secret: bool = False) -> Entry:
    return Entry(str(path), "file", mode=mode, content=content.encode(), secret=secret)


def put(tmp_path: Path, *entries: Entry, validators: tuple[str, ...] = (), stop_at: str = "") -> list[str]:
    found = file_set.changes(list(entries))

    def step(name: str) -> None:
        if name == stop_at:
            raise KeyboardInterrupt(name)

    file_swap.apply(
        found, list(entries), list(validators), change_journal.new_change_id(), journal=str(tmp_path / "journal" / "changes"), step=step
    )
    return [change.entry.path for change in found]


def test_a_set_is_written_once(tmp_path: Path) -> None:
    directory, inside, link = tmp_path / "d", tmp_path / "d" / "a", tmp_path / "l"
    entries = [file(inside, "one\n", 0o600), Entry(str(directory), "directory", mode=0o750), Entry(str(link), "link", target="/nowhere")]
    assert put(tmp_path, *entries) == [str(directory), str(inside), str(link)]
    assert inside.read_text() == "one\n"
    assert inside.stat().st_mode & 0o7777 == 0o600
    assert directory.stat().st_mode & 0o7777 == 0o750
    assert os.readlink(link) == "/nowhere"
    assert file_set.changes(entries) == []


def test_mode_alone_is_a_change(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("same")
    path.chmod(0o644)
    assert put(tmp_path, file(path, "same", 0o600)) == [str(path)]
    assert path.stat().st_mode & 0o7777 == 0o600


def test_a_refusing_validator_changes_nothing(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("old")
    with pytest.raises(file_swap.ValidationFailed, match=str(old)) as caught:
        put(tmp_path, file(old, "bad"), file(new, "new"), validators=(f"grep -H nothing {{{old}}} /does/not/exist",))
    assert "nothing was changed" in str(caught.value)
    assert old.read_text() == "old"
    assert {path.name for path in tmp_path.iterdir()} - {"journal"} == {"old"}


def test_a_validator_sees_the_staged_file_and_the_real_path_of_what_does_not_change(tmp_path: Path) -> None:
    same, changed = tmp_path / "same", tmp_path / "changed"
    same.write_text("same")
    same.chmod(0o644)
    put(tmp_path, file(same, "same"), file(changed, "staged"), validators=(f"grep -q staged {{{changed}}}", f"grep -q same {{{same}}}"))
    assert changed.read_text() == "staged"


@pytest.mark.parametrize("stop_at", ["staged", "journalled", "swapped {a}", "swapped {b}"])
def test_an_interruption_restores_every_path(tmp_path: Path, stop_at: str) -> None:
    a, b, gone, made = tmp_path / "a", tmp_path / "b", tmp_path / "gone", tmp_path / "made"
    for path in (a, gone):
        path.write_text("before " + path.name)
        path.chmod(0o640)
    entries = [file(a, "after"), file(b, "after"), Entry(str(gone), "absent"), Entry(str(made), "directory")]
    with pytest.raises(KeyboardInterrupt):
        put(tmp_path, *entries, stop_at=stop_at.format(a=a, b=b))
    assert a.read_text() == "before a"
    assert a.stat().st_mode & 0o7777 == 0o640
    assert gone.read_text() == "before gone"
    assert {path.name for path in tmp_path.iterdir()} - {"journal"} == {"a", "gone"}


def test_the_journal_holds_the_old_content_but_no_secret(tmp_path: Path) -> None:
    plain, secret = tmp_path / "plain", tmp_path / "secret"
    plain.write_text("old plain")
    secret.write_text("old-s3cret")
    put(tmp_path, file(plain, "new"), file(secret, "new-s3cret", 0o600, secret=True))
    [change] = (tmp_path / "journal" / "changes").iterdir()
    assert change.stat().st_mode & 0o7777 == 0o700
    kept = b"".join(path.read_bytes() for path in change.iterdir())
    assert b"old plain" in kept
    assert b"s3cret" not in kept
    assert [record["path"] for record in json.loads((change / "manifest.json").read_text())["paths"]] == [str(plain), str(secret)]


def test_removal_takes_the_set_and_only_empty_directories(tmp_path: Path) -> None:
    mine, shared = tmp_path / "mine", tmp_path / "shared"
    entries = [
        Entry(str(mine), "directory"), Entry(str(shared), "directory"), file(mine / "a", "a"), file(shared / "b", "b"),
    ]  # fmt: skip
    put(tmp_path, *entries)
    (shared / "of someone else").write_text("x")
    gone = file_set.removal(entries)
    put(tmp_path, *gone)
    assert not mine.exists()
    assert [path.name for path in shared.iterdir()] == ["of someone else"]
    assert file_set.changes(gone) == []


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("precious")
    link.symlink_to(target)
    put(tmp_path, file(link, "mine"))
    assert target.read_text() == "precious"
    assert link.read_text() == "mine"
    assert not link.is_symlink()


def test_a_validator_without_its_program_is_skipped_only_in_a_rehearsal(tmp_path: Path) -> None:
    found = file_set.changes([file(tmp_path / "a", "a")])
    assert file_swap.rehearse(found, [], ["no-such-program {x}"]) == ["no-such-program {x}"]
    with pytest.raises(file_swap.ValidationFailed, match="no-such-program"):
        file_swap.run_validators(["no-such-program"], [], {}, missing_allowed=False)


def test_what_a_killed_run_left_is_collected(tmp_path: Path) -> None:
    path, gone = tmp_path / "a", tmp_path / "gone"
    (tmp_path / ".a.groundwork-20260101T000000Z-aaaaaaaa").write_text("staged-s3cret")
    (tmp_path / ".gone.groundwork-20260101T000000Z-aaaaaaaa").mkdir()
    (tmp_path / ".b.groundwork-of-another-set").write_text("x")
    entries = [file(path, "a"), Entry(str(gone), "absent")]
    assert len(file_swap.collect(entries, str(tmp_path / "journal" / "changes"))) == 2
    assert sorted(one.name for one in tmp_path.iterdir() if one.name.startswith(".")) == [".b.groundwork-of-another-set"]
    assert file_swap.collect(entries, str(tmp_path / "journal" / "changes")) == []


def test_the_output_of_a_validator_that_reads_a_secret_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with pytest.raises(file_swap.ValidationFailed, match="may show a secret") as caught:
        put(tmp_path, file(path, "hunter2\n", 0o600, secret=True), validators=(f"grep -H -v nothing {{{path}}} /does/not/exist",))
    assert "hunter2" not in str(caught.value)
    assert not path.exists()


def test_a_change_that_is_taken_back_leaves_no_record(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        put(tmp_path, file(tmp_path / "a", "a"), stop_at="journalled")
    assert list((tmp_path / "journal" / "changes").iterdir()) == []


def test_old_records_are_pruned(tmp_path: Path) -> None:
    for number in range(5):
        put(tmp_path, file(tmp_path / "a", str(number)))
    newest = sorted(path.name for path in (tmp_path / "journal" / "changes").iterdir())[-2:]
    change_journal.prune(str(tmp_path / "journal" / "changes"), kept=2)
    assert sorted(path.name for path in (tmp_path / "journal" / "changes").iterdir()) == newest


def test_a_removal_that_cannot_be_finished_is_told_and_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.write_text("x")
    found = file_set.changes([Entry(str(gone), "absent")])

    def refuse(path: str) -> None:
        raise PermissionError(1, "Operation not permitted", path)

    monkeypatch.setattr(file_swap, "_remove", refuse)
    [left] = file_swap.apply(found, [], [], change_journal.new_change_id(), journal=str(tmp_path / "journal" / "changes"))
    assert left.startswith(str(tmp_path / ".gone.groundwork-"))
    assert not gone.exists()


def test_a_second_run_waits_and_then_names_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_journal, "LOCK_SECONDS", 0.3)
    with change_journal.locked(str(tmp_path / "journal" / "changes")), pytest.raises(BadInput, match=f"process {os.getpid()}"):
        put(tmp_path, file(tmp_path / "a", "a"))
    assert not (tmp_path / "a").exists()
    put(tmp_path, file(tmp_path / "a", "a"))
