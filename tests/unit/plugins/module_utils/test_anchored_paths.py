# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import anchored_paths
from ansible_collections.groundwork.fleet.plugins.module_utils.anchored_paths import Anchors
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a link to somebody else")


def test_a_parent_is_opened_once_and_stays_where_it_was(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    elsewhere.mkdir()
    anchors = Anchors()
    anchored_paths.write_durably(anchors.at(str(home / "a")), b"a", 0o600)
    home.rename(tmp_path / "moved")
    home.symlink_to(elsewhere)  # what the owner of the directory above could do
    anchored_paths.write_durably(anchors.at(str(home / "b")), b"b", 0o600)
    anchors.flush()
    anchors.close()
    assert sorted(path.name for path in (tmp_path / "moved").iterdir()) == ["a", "b"]
    assert list(elsewhere.iterdir()) == []


@needs_root
def test_a_link_that_an_ordinary_user_made_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    link = tmp_path / "home"
    link.symlink_to(tmp_path / "etc")
    os.lchown(link, 12345, 12345)
    with pytest.raises(BadInput, match="uid 12345"):
        Anchors().at(str(link / "authorized_keys"))


def test_links_of_root_are_followed_wherever_they_lead(tmp_path: Path) -> None:
    (tmp_path / "run" / "deep").mkdir(parents=True)
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "run").symlink_to("../run")
    anchors = Anchors()
    anchored_paths.write_durably(anchors.at(str(tmp_path / "var" / "run" / "deep" / "x")), b"x", 0o640)
    assert (tmp_path / "run" / "deep" / "x").read_bytes() == b"x"
    anchors.close()


def test_a_loop_of_links_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(BadInput):
        Anchors().at(str(tmp_path / "a" / "x"))


def test_a_link_in_the_place_of_a_directory_keeps_its_targets_mode(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir(mode=0o755)
    (tmp_path / "ssh").symlink_to(victim)
    with pytest.raises(OSError):
        anchored_paths.set_directory(str(tmp_path / "ssh"), os.geteuid(), os.getegid(), 0o700)
    assert victim.stat().st_mode & 0o7777 == 0o755


def test_an_existing_file_is_never_written_through(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "link").symlink_to(tmp_path / "precious")
    for name in ("precious", "link"):
        with pytest.raises(FileExistsError):
            anchored_paths.write_durably(str(tmp_path / name), b"x", 0o644)
    assert (tmp_path / "precious").read_text() == "precious"
