# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import file_set, file_swap
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import Entry


def file(path: Path, content: str, mode: int = 0o644, secret: bool = False) -> Entry:
    return Entry(str(path), "file", mode=mode, content=content.encode(), secret=secret)


def put(tmp_path: Path, *entries: Entry, validators: tuple[str, ...] = (), stop_at: str = "") -> list[str]:
    found = file_set.changes(list(entries))

    def step(name: str) -> None:
        if name == stop_at:
            raise KeyboardInterrupt(name)

    file_swap.apply(found, list(entries), list(validators), file_swap.new_change_id(), journal=str(tmp_path / "journal"), step=step)
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
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old"]


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
    [change] = (tmp_path / "journal").iterdir()
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
