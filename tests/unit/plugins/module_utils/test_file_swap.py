# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import (
    change_journal,
    file_content,
    file_set,
    file_swap,
    file_validators,
    guard_record,
)
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import Entry

STEPS = (
    "journalled", "staged {d}/a", "staged {d}/b", "staged {d}/gone", "validated", "swapped {d}/a", "swapped {d}/b", "swapped {d}/gone",
)  # fmt: skip


def hidden(directory: Path) -> list[str]:
    """Return what the engine left beside the files."""
    return [one.name for one in directory.iterdir() if one.name.startswith(".")]


def file(path: Path, content: str, mode: int = 0o644, secret: bool = False) -> Entry:
    return Entry(str(path), "file", mode=mode, content=content.encode(), secret=secret)


def put(tmp_path: Path, *entries: Entry, validators: tuple[str, ...] = (), stop_at: str = "", run: str = "") -> list[str]:
    def step(name: str) -> None:
        if name == stop_at:
            raise KeyboardInterrupt(name)

    conditions = file_swap.Conditions(run=run, journal=journal_of(tmp_path), step=step)
    return [change.entry.path for change in file_swap.apply(list(entries), list(validators), conditions).found]


def journal_of(tmp_path: Path) -> str:
    return str(tmp_path / "journal" / "changes")


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
    with pytest.raises(file_validators.ValidationFailed, match=str(old)) as caught:
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


@pytest.mark.parametrize("stop_at", STEPS)
def test_an_interruption_restores_every_path(tmp_path: Path, stop_at: str) -> None:
    a, b, gone, made = tmp_path / "a", tmp_path / "b", tmp_path / "gone", tmp_path / "made"
    for path in (a, gone):
        path.write_text("before " + path.name)
        path.chmod(0o640)
    entries = [file(a, "after"), file(b, "after"), Entry(str(gone), "absent"), Entry(str(made), "directory", mode=0o755)]
    with pytest.raises(KeyboardInterrupt):
        put(tmp_path, *entries, stop_at=stop_at.format(d=tmp_path))
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


def test_the_output_of_a_validator_that_reads_a_secret_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with pytest.raises(file_validators.ValidationFailed, match="may show a secret") as caught:
        put(tmp_path, file(path, "hunter2\n", 0o600, secret=True), validators=(f"grep -H -v nothing {{{path}}} /does/not/exist",))
    assert "hunter2" not in str(caught.value)
    assert not path.exists()


def test_a_change_that_is_taken_back_leaves_no_record(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        put(tmp_path, file(tmp_path / "a", "a"), stop_at="journalled")
    assert list((tmp_path / "journal" / "changes").iterdir()) == []


def test_old_records_are_pruned_but_not_under_an_armed_guard(tmp_path: Path) -> None:
    guard = tmp_path / "journal" / "guard"
    conditions = file_swap.Conditions(journal=journal_of(tmp_path), kept=2)
    for number in range(4):
        file_swap.apply([file(tmp_path / "a", str(number))], [], conditions)
    assert len(change_journal.names(journal_of(tmp_path))) == 2
    guard.mkdir()
    (guard / "armed.json").write_text("{}")
    with guard_record.taking_back():
        file_swap.apply([file(tmp_path / "a", "x")], [], conditions)
    assert len(change_journal.names(journal_of(tmp_path))) == 3


def test_a_secret_stays_one_when_a_later_set_does_not_say_so(tmp_path: Path) -> None:
    secret, directory = tmp_path / "secret", tmp_path / "d"
    put(tmp_path, Entry(str(directory), "directory", mode=0o700))
    put(tmp_path, file(secret, "old-s3cret", 0o600, secret=True), file(directory / "deep", "deep-s3cret", 0o600, secret=True))
    put(tmp_path, file(secret, "harmless now"), Entry(str(directory), "absent"))
    kept = b"".join(path.read_bytes() for path in Path(journal_of(tmp_path)).rglob("*") if path.is_file())
    assert b"s3cret" not in kept


def test_a_removal_that_cannot_be_finished_is_told_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone, other = tmp_path / "gone", tmp_path / "other"
    gone.write_text("x")
    remove = file_swap._remove

    def refuse(path: str) -> None:
        raise PermissionError(1, "Operation not permitted", path)

    monkeypatch.setattr(file_swap, "_remove", refuse)
    outcome = file_swap.apply([Entry(str(gone), "absent")], [], file_swap.Conditions(journal=journal_of(tmp_path)))
    assert "could not be taken away for good" in outcome.notes[0] and not gone.exists()
    monkeypatch.setattr(file_swap, "_remove", remove)
    put(tmp_path, file(other, "x"))
    assert hidden(tmp_path) == [] and change_journal.pending(journal_of(tmp_path)) == []


def test_a_second_run_waits_and_then_names_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_journal, "LOCK_SECONDS", 0.3)
    named = rf"process {os.getpid()} \(ana@controller\), for \d+ s"
    with change_journal.locked(journal_of(tmp_path), "ana@controller"), pytest.raises(BadInput, match=named):
        put(tmp_path, file(tmp_path / "a", "a"))
    assert not (tmp_path / "a").exists()
    put(tmp_path, file(tmp_path / "a", "a"))


def test_large_content_is_taken_from_where_it_was_sent(tmp_path: Path) -> None:
    sent, path = tmp_path / "sent", tmp_path / "a"
    sent.write_bytes(os.urandom(file_content.LARGE + 1))
    digest = file_content.digest(str(sent))
    entry = Entry(str(path), "file", mode=0o640, size=file_content.LARGE + 1, sha256=digest)
    assert file_set.lacking(file_set.changes([entry])) == [digest]
    with pytest.raises(BadInput, match="did not reach the host"):
        put(tmp_path, entry)
    put(tmp_path, replace(entry, source=str(sent)))
    assert path.read_bytes() == sent.read_bytes() and file_set.changes([entry]) == []
    put(tmp_path, replace(entry, mode=0o600))  # its mode alone: nothing is to be sent
    assert path.read_bytes() == sent.read_bytes() and path.stat().st_mode & 0o7777 == 0o600
    put(tmp_path, file(path, "small"))
    assert (tmp_path / "journal" / "changes").glob("*/0.content")


def test_content_that_was_cut_on_its_way_is_refused(tmp_path: Path) -> None:
    sent, path = tmp_path / "sent", tmp_path / "a"
    sent.write_bytes(b"x" * file_content.LARGE)  # a piece is missing
    path.write_text("old")
    entry = Entry(str(path), "file", size=file_content.LARGE + 9, sha256="0" * 64, source=str(sent))
    with pytest.raises(BadInput, match="did not arrive whole"):
        put(tmp_path, entry)
    assert path.read_text() == "old" and hidden(tmp_path) == []


def test_extended_attributes_stay(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    try:
        os.setxattr(path, "user.origin", b"here")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    put(tmp_path, file(path, "new"))
    assert os.getxattr(path, "user.origin") == b"here"


# --- kill -9 ------------------------------------------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from ansible_collections.groundwork.fleet.plugins.module_utils import file_swap
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import Entry
top, stop_at = sys.argv[1:]
def step(name):
    if name == stop_at:
        os.kill(os.getpid(), signal.SIGKILL)
entries = [Entry(top + "/a", "file", mode=0o644, content=b"after"), Entry(top + "/b", "file", mode=0o644, content=b"after")]
entries += [Entry(top + "/gone", "absent"), Entry(top + "/made", "directory", mode=0o755)]
entries += [Entry(top + "/s", "file", mode=0o600, content=b"new", secret=True)]
file_swap.apply(entries, [], file_swap.Conditions(journal=top + "/journal/changes", step=step))
"""


@pytest.mark.parametrize("stop_at", [*STEPS, "closing"])
def test_what_kill_9_leaves_is_mended_by_the_next_run(tmp_path: Path, stop_at: str) -> None:
    for name in ("a", "gone", "s"):
        (tmp_path / name).write_text("before " + name)
        (tmp_path / name).chmod(0o600)
    inode = (tmp_path / "s").stat().st_ino
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), stop_at.format(d=tmp_path)],
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)),
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    outcome = file_swap.apply([file(tmp_path / "other", "x")], [], file_swap.Conditions(journal=journal_of(tmp_path)))
    assert hidden(tmp_path) == [] and change_journal.pending(journal_of(tmp_path)) == []
    if stop_at == "closing":  # every path was in place: the change stands
        assert (tmp_path / "a").read_text() == "after" and not (tmp_path / "gone").exists() and outcome.notes == []
        return
    assert "was taken back" in outcome.notes[0]
    assert {path.name for path in tmp_path.iterdir()} == {"a", "gone", "s", "other", "journal"}
    assert [(tmp_path / name).read_text() for name in ("a", "gone", "s")] == ["before a", "before gone", "before s"]
    assert (tmp_path / "s").stat().st_ino == inode  # the very file: no copy of a secret was made


def test_what_somebody_wrote_after_kill_9_stays(tmp_path: Path) -> None:
    for name in ("a", "gone", "s"):
        (tmp_path / name).write_text("before " + name)
    subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), f"swapped {tmp_path}/b"],
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)),
        check=False,
    )
    (tmp_path / "a").write_text("by hand")
    outcome = file_swap.apply([file(tmp_path / "other", "x")], [], file_swap.Conditions(journal=journal_of(tmp_path)))
    assert (tmp_path / "a").read_text() == "by hand" and "was written by somebody" in outcome.notes[0]
    assert not (tmp_path / "b").exists() and hidden(tmp_path) == []


def test_half_a_second_name_never_replaces_the_original(tmp_path: Path) -> None:
    """A file system without hard links: killed while the second name was copied."""
    path, journal = tmp_path / "a", journal_of(tmp_path)
    path.write_text("the original")
    with pytest.raises(KeyboardInterrupt):
        put(tmp_path, file(path, "after"), stop_at="validated")
    change = "000009-20260101T000000Z"
    Path(file_swap.staged_name(str(path), change)).write_text("after")
    Path(file_swap.aside_name(str(path), change)).write_text("the orig")
    facts = {"kind": "file", "mode": 0o644, "uid": 0, "gid": 0, "size": 12, "target": "", "digest": ""}
    record = {"path": str(path), "before": facts, "after": facts}
    anchors = file_swap.Anchors()
    file_swap.take_back([record], change, anchors, swapping=True)
    assert path.read_text() == "the original" and hidden(tmp_path) == [] and change_journal.pending(journal) == []


def test_one_path_that_stays_does_not_hold_up_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = os.rename

    def refuse(old: str, new: str, **more: object) -> None:
        if str(new).endswith("/b"):
            raise OSError(5, "Input/output error")
        original(old, new)

    for name in ("a", "b", "c"):
        (tmp_path / name).write_text("before")
    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(file_swap.NotRestored, match="Input/output error"):
        put(tmp_path, *(file(tmp_path / name, "after") for name in "abc"), stop_at=f"swapped {tmp_path}/c")
    assert [(tmp_path / name).read_text() for name in "abc"] == ["before", "after", "before"]
    monkeypatch.undo()
    assert "was taken back" in file_swap.apply([file(tmp_path / "d", "x")], [], file_swap.Conditions(journal=journal_of(tmp_path))).notes[0]
    assert [(tmp_path / name).read_text() for name in "abc"] == ["before"] * 3


def test_what_is_left_of_a_change_is_not_touched_under_a_guard_of_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = journal_of(tmp_path)
    put(tmp_path, file(tmp_path / "a", "x"))
    Path(journal + ".pending", "000009-x").write_text("staging")

    def refuse(run: str, places: guard_record.Places) -> None:
        raise BadInput("somebody armed a guard")

    monkeypatch.setattr(guard_record, "refuse_foreign", refuse)
    with pytest.raises(BadInput, match="somebody armed a guard"):
        put(tmp_path, file(tmp_path / "a", "x"))
    assert change_journal.pending(journal) == ["000009-x"]


# --- disks that refuse ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with 256 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)], capture_output=True, check=False).returncode:
        pytest.skip("only root with the right to mount can make a small disk")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_full_disk_changes_nothing(tmp_path: Path, small_disk: Path) -> None:
    (small_disk / "a").write_text("before")
    entries = [file(small_disk / "a", "after"), file(small_disk / "b", "x" * 200_000), file(small_disk / "c", "x" * 200_000)]
    with pytest.raises(OSError, match="No space left") as caught:
        put(tmp_path, *entries)
    assert caught.value.filename in (str(small_disk / "b"), str(small_disk / "c"))
    assert (small_disk / "a").read_text() == "before" and [one.name for one in small_disk.iterdir()] == ["a"]
    assert change_journal.pending(journal_of(tmp_path)) == []


def test_a_full_disk_of_the_journal_changes_nothing(tmp_path: Path, small_disk: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(os.urandom(250_000))
    old = path.read_bytes()
    (small_disk / "filler").write_bytes(b"x" * 150_000)
    with pytest.raises(OSError, match="No space left"):
        file_swap.apply([file(path, "new")], [], file_swap.Conditions(journal=str(small_disk / "changes")))
    assert path.read_bytes() == old and hidden(tmp_path) == []
    (small_disk / "filler").unlink()
    assert change_journal.names(str(small_disk / "changes")) == []


def test_a_read_only_file_system_changes_nothing(tmp_path: Path, small_disk: Path) -> None:
    (small_disk / "a").write_text("before")
    (tmp_path / "z").write_text("before")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(OSError, match="Read-only"):
        put(tmp_path, file(tmp_path / "0", "new"), file(small_disk / "a", "after"), file(tmp_path / "z", "after"))
    assert (tmp_path / "z").read_text() == "before" and not (tmp_path / "0").exists() and hidden(tmp_path) == []


def test_a_validator_that_hangs_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_validators, "VALIDATOR_SECONDS", 0.3)
    with pytest.raises(file_validators.ValidationFailed, match="did not end within"):
        put(tmp_path, file(tmp_path / "a", "new"), validators=("sleep 600",))
    assert not (tmp_path / "a").exists() and hidden(tmp_path) == []
