# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import file_set
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import Entry


def file(path: Path, content: str, mode: int = 0o644, secret: bool = False) -> Entry:
    return Entry(str(path), "file", mode=mode, content=content.encode(), secret=secret)


def test_what_stands_at_a_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")
    seen = {name: file_set.observe(str(tmp_path / name)) for name in ("file", "link", "pipe", "none", "file/below")}
    assert {name: state.kind for name, state in seen.items()} == {
        "file": "file", "link": "link", "pipe": "other", "none": "absent", "file/below": "absent",
    }  # fmt: skip
    assert (seen["file"].content, seen["link"].target, seen["file"].uid) == (b"x", "file", os.getuid())


def test_names_and_numbers_of_owners() -> None:
    assert (file_set.user_id("root"), file_set.user_id("4711"), file_set.user_id("nobody-has-this-name"), file_set.user_id(None)) == (
        0, 4711, None, None,
    )  # fmt: skip
    assert (file_set.group_id("root"), file_set.group_id("4711"), file_set.group_id("nobody-has-this-name")) == (0, 4711, None)


@pytest.mark.parametrize(
    ("wanted", "differs"),
    [
        ({}, False),
        ({"mode": 0o600}, True),
        ({"owner": "4711"}, True),
        ({"group": "4711"}, True),
        ({"owner": "nobody-has-this-name"}, True),
        ({"content": b"other"}, True),
        ({"kind": "link", "target": "x"}, True),
        ({"kind": "absent"}, True),
    ],
)
def test_differences(tmp_path: Path, wanted: dict[str, object], differs: bool) -> None:
    path = tmp_path / "a"
    path.write_text("same")
    path.chmod(0o644)
    entry = Entry(**{"path": str(path), "kind": "file", "content": b"same", "mode": 0o644, **wanted})
    assert file_set.differs(entry, file_set.observe(str(path))) is differs


def test_parents_come_before_children_and_removal_goes_the_other_way(tmp_path: Path) -> None:
    old = tmp_path / "old"
    (old / "deep").mkdir(parents=True)
    new = tmp_path / "new"
    entries = [
        Entry(str(old), "absent"),
        file(new / "a", "a"),
        Entry(str(old / "deep"), "absent"),
        Entry(str(new), "directory"),
    ]
    order = [change.entry.path for change in file_set.changes(entries)]
    assert order == [str(new), str(new / "a"), str(old / "deep"), str(old)]


def test_a_directory_of_a_removed_set_stays_while_somebody_else_uses_it(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "mine").write_text("x")
    gone = file_set.removal([Entry(str(tmp_path / "d"), "directory"), file(tmp_path / "d" / "mine", "x"), Entry("/old", "absent")])
    assert len(file_set.changes(gone)) == 2
    (tmp_path / "d" / "theirs").write_text("x")
    assert [change.entry.path for change in file_set.changes(gone)] == [str(tmp_path / "d" / "mine")]


def test_placeholders_stand_for_the_staged_file_or_the_path() -> None:
    entries = [Entry("/a", "file"), Entry("/b", "file")]
    assert file_set.placeholders(entries, {"/a": "/staged"}) == [("{/a}", "/staged"), ("{/b}", "/b")]


@pytest.mark.parametrize("path", ["/proc/sys/vm/x", "/sys/x"])
def test_what_the_kernel_makes_is_no_place_for_files(path: str) -> None:
    entry = Entry(path, "file", content=b"x")
    with pytest.raises(BadInput, match="expected a path on a disk"):
        file_set.refuse_impossible([file_set.Change(entry, file_set.State("absent"))], [entry], check_mode=True)


def test_a_missing_parent_and_an_unknown_owner_are_refused_by_name(tmp_path: Path) -> None:
    orphan = file_set.changes([file(tmp_path / "no" / "a", "a")])
    with pytest.raises(BadInput, match="directory: true"):
        file_set.refuse_impossible(orphan, [], check_mode=False)
    stranger = file_set.changes([Entry(str(tmp_path / "a"), "file", owner="nobody-has-this-name")])
    with pytest.raises(BadInput, match="nobody-has-this-name"):
        file_set.refuse_impossible(stranger, [], check_mode=False)
    file_set.refuse_impossible(orphan + stranger, [], check_mode=True)


def test_a_directory_is_never_replaced_by_a_file(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    with pytest.raises(BadInput, match="Move away"):
        file_set.refuse_impossible(file_set.changes([file(tmp_path / "d", "x")]), [], check_mode=False)


def test_one_place_under_two_names_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    entries = [file(tmp_path / "real" / "a", "x"), file(tmp_path / "link" / "a", "y")]
    with pytest.raises(BadInput, match=r"Both are .*/real/a on this host"):
        file_set.refuse_impossible(file_set.changes(entries), entries, check_mode=True)
