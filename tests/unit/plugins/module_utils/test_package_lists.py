# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import package_lists


def test_when_the_lists_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_lists, "LISTS", str(tmp_path / "lists"))
    assert package_lists.changed_at() is None
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "lock").touch()
    assert package_lists.changed_at() is None, "a lock is no list"
    (tmp_path / "lists" / "deb.example.org_InRelease").touch()
    os.utime(tmp_path / "lists", (7, 7))
    assert package_lists.changed_at() == 7


def test_the_state_is_another_one_after_each_change(tmp_path: Path) -> None:
    folder, file = tmp_path / "apt", tmp_path / "status"
    paths = (str(folder), str(file))
    found = [package_lists.state(paths)]
    folder.mkdir()
    (folder / "preferences").write_text("a")
    found.append(package_lists.state(paths))
    file.write_text("installed")
    found.append(package_lists.state(paths))
    (folder / "preferences").write_text("ab")
    found.append(package_lists.state(paths))
    os.utime(file, (1, 1))
    found.append(package_lists.state(paths))
    assert len(set(found)) == len(found) and package_lists.state(paths) == found[-1]


def test_each_change_of_a_repository_is_another_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "sources.list.d"
    folder.mkdir()
    monkeypatch.setattr(package_lists, "SOURCES", (str(tmp_path / "sources.list"), str(folder)))
    empty, newest = package_lists.sources()
    assert newest == 0
    (folder / "a.sources").write_text("Types: deb\n")
    os.utime(folder / "a.sources", (9, 9))
    one, newest = package_lists.sources()
    assert one != empty and newest == 9
    (folder / "a.sources").rename(folder / "b.sources")
    assert package_lists.sources()[0] not in (one, empty)


def test_what_repositories_offer() -> None:
    text = (
        "   jq | 1.6-2+deb12u3 | http://x bookworm-security/main amd64 Packages\n   jq | 1.6-2 | http://x bookworm/main amd64 Packages\n"
        "   jq | 1.5 | http://x bookworm/main Sources\nN: noise\n"
    )
    assert package_lists.parse_madison(text) == {"jq": ["1.6-2+deb12u3", "1.6-2"]}


def test_a_version_that_there_is_not_is_named_with_those_there_are() -> None:
    text = "web | 2.0 | http://x Packages\nweb | 1.0 | http://x Packages\nweb | 1.0 | http://y Packages\ntree | 1 | http://x Packages\n"
    told = package_lists.without_version({"web": "9.*", "tree": "1", "any": None, "gone": "3"}, text)
    assert told == " web is wanted as '9.*'; there are: 2.0, 1.0."
    assert package_lists.without_version({"web": "1.*"}, text) == ""
