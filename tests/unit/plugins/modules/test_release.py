# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.release import Release
from ansible_collections.groundwork.fleet.plugins.modules import release

from lab import releases as lab_releases


@pytest.fixture
def archive(tmp_path):
    (tmp_path / "source" / "bin").mkdir(parents=True)
    (tmp_path / "source" / "bin" / "run").write_text("x")
    digest = lab_releases.build(tmp_path / "source", tmp_path / "a.tar")
    return str(tmp_path / "a.tar"), digest


def test_a_wrong_checksum_is_refused_with_both(archive):
    path, digest = archive
    with pytest.raises(BadInput) as error:
        release.verify(Release("orders", "1", "/a", "0" * 64), path)
    assert digest in str(error.value)
    assert "releases['orders'].sha256" in str(error.value)


def test_install_puts_it_in_place_and_notes_the_checksum(archive, tmp_path):
    path, digest = archive
    release.install(Release("orders", "1", "/a", digest), str(tmp_path / "opt"), path)
    directory = tmp_path / "opt" / "orders" / "releases"
    assert (directory / "1" / "bin" / "run").read_text() == "x"
    assert (directory / ".1.sha256").read_text().strip() == digest
    assert sorted(os.listdir(directory)) == [".1.sha256", "1"]


def test_install_replaces_what_has_another_checksum(archive, tmp_path):
    path, digest = archive
    old = tmp_path / "opt" / "orders" / "releases" / "1"
    old.mkdir(parents=True)
    (old / "old").write_text("x")
    release.install(Release("orders", "1", "/a", digest), str(tmp_path / "opt"), path)
    assert os.listdir(old) == ["bin"]


def test_removal_leaves_what_is_not_its_own(tmp_path):
    top = tmp_path / "orders"
    (top / "releases" / "1").mkdir(parents=True)
    (top / "current").symlink_to("releases/1")
    (top / "data").write_text("x")
    release.remove_release(str(tmp_path), "orders")
    assert os.listdir(top) == ["data"]
    (top / "data").unlink()
    release.remove_release(str(tmp_path), "orders")
    assert not top.exists()


def test_an_address_that_does_not_answer_is_named(tmp_path, monkeypatch):
    def refuse(*_arguments, **_options):
        raise OSError("no route")

    monkeypatch.setattr(release, "open_url", refuse)
    with pytest.raises(BadInput, match=r"releases\['orders'\]\.url: https://x could not be fetched: no route"):
        release.fetch(Release("orders", "1", "https://x", "0" * 64), str(tmp_path))
