# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import file_originals
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import Entry, State


@pytest.mark.parametrize("owner", ["../x", "a/b", "", "a b"])
def test_an_owner_is_a_word(owner: str) -> None:
    with pytest.raises(BadInput, match=r"^owner is "):
        file_originals.memory_path(owner)


def test_states_come_back_as_they_were() -> None:
    file = file_originals.packed("/a", State("file", 0o640, 1, 2, b"\xff\0"))
    assert file_originals.returned("/a", file) == [Entry("/a", "file", 0o640, "1", "2", b"\xff\0")]
    assert file_originals.returned("/a", file_originals.packed("/a", State("link", target="/b"))) == [Entry("/a", "link", target="/b")]
    assert file_originals.returned("/a", file_originals.packed("/a", State("absent"))) == [Entry("/a", "absent", recurse=False)]
    assert file_originals.returned("/a", file_originals.packed("/a", State("directory", 0o755))) == []


def test_what_is_declared_is_not_brought_back() -> None:
    entries = [Entry("/a", "file")]
    assert file_originals.completed(entries, {"/a": {"kind": "absent"}, "/b": {"kind": "absent"}}) == [
        *entries,
        Entry("/b", "absent", recurse=False),
    ]
