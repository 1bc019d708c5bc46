# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import release
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

GOOD = {"version": "1.0", "url": "https://example.org/a.tar", "sha256": "a" * 64}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({**GOOD, "sha256": "abc"}, ".sha256"),
        ({**GOOD, "version": "../1"}, ".version"),
        ({**GOOD, "url": "ftp://example.org/a"}, ".url"),
        ({**GOOD, "url": ""}, ".url"),
        ({**GOOD, "keep": 0}, ".keep"),
        ({**GOOD, "strip": -1}, ".strip"),
        ({**GOOD, "sha265": "x"}, "Did you mean 'sha256'"),
        ({**GOOD, "state": "gone"}, ".state"),
        (["x"], "a mapping"),
    ],
)
def test_input_is_refused_by_name(options, expected):
    with pytest.raises(BadInput) as error:
        release.wanted_releases({"orders": options}, "present")
    assert "releases['orders']" in str(error.value)
    assert expected in str(error.value)


def test_a_removal_needs_nothing_but_the_name():
    assert release.wanted_releases({"orders": None}, "absent")[0].state == "absent"


@pytest.mark.parametrize(
    ("url", "remote", "path"),
    [
        ("https://example.org/a", True, "https://example.org/a"),
        ("file:///a/b.tar", False, "/a/b.tar"),
        ("dist/b.tar", False, "dist/b.tar"),
    ],
)
def test_who_has_the_archive(url, remote, path):
    wanted = release.wanted_releases({"a": {**GOOD, "url": url}}, "present")[0]
    assert (wanted.remote, wanted.local_path) == (remote, path)


def steps(*versions, current=None, keep=3, wanted="9"):
    one = release.Release(name="a", version=wanted, url="https://x", sha256="d", keep=keep)
    return release.decide(one, release.Installed(tuple((version, "d") for version in versions), current, bool(versions)))


def test_what_is_there_stays():
    assert not steps("8", "9", current="9").changed


def test_a_new_version_is_unpacked_and_the_oldest_goes():
    assert steps("5", "6", "7", current="7") == release.Steps(unpack=True, switch=True, prune=("5",))


def test_going_back_needs_no_archive():
    assert steps("9", "10", current="10") == release.Steps(switch=True)


def test_another_checksum_of_the_version_is_unpacked_again():
    one = release.Release(name="a", version="9", url="https://x", sha256="new")
    assert release.decide(one, release.Installed((("9", "old"),), "9", True)) == release.Steps(unpack=True)


def test_a_removal_of_nothing_is_nothing():
    gone = release.Release(name="a", state="absent")
    assert not release.decide(gone, release.Installed()).changed
    assert release.decide(gone, release.Installed(exists=True)).remove


def test_the_diff_shows_versions():
    one = release.Release(name="a", version="2", url="https://x", sha256="d2")
    seen = release.Installed((("1", "d1"),), "1", True)
    assert release.described(one, seen) == "a:\n  current: 1\n  releases:\n    1: d1\n"
    assert release.described(one, seen, release.decide(one, seen)) == "a:\n  current: 2\n  releases:\n    1: d1\n    2: d2\n"


def test_only_what_is_complete_counts(tmp_path):
    releases = tmp_path / "a" / "releases"
    for version in ("1", "2"):
        (releases / version).mkdir(parents=True)
    (releases / ".1.sha256").write_text("d\n")
    (releases / ".2.partial").mkdir()
    (tmp_path / "a" / "current").symlink_to("releases/1")
    seen = release.observe(str(tmp_path), "a")
    assert seen.versions == (("1", "d"),)
    assert seen.current == "1"
    assert seen.leftovers == (str(releases / ".2.partial"),)


def test_what_was_moved_away_for_what_never_came_is_found(tmp_path):
    releases = tmp_path / "a" / "releases"
    for entry in (".1.old.partial", ".2.old.partial", "2"):
        (releases / entry).mkdir(parents=True)
    seen = release.observe(str(tmp_path), "a")
    assert seen.interrupted == ((str(releases / ".1.old.partial"), str(releases / "1")),)
    assert seen.leftovers == (str(releases / ".2.old.partial"),)
