# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import mounts
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

INFO = r"""25 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro
26 25 0:5 / /dev/shm rw,nosuid,nodev shared:2 - tmpfs tmpfs rw,inode64
27 25 0:6 / /mnt/a\040b ro,noatime - ext4 /dev/sdb ro
28 25 0:7 / /proc rw,nosuid,nodev,noexec shared:3 - proc proc rw
29 25 0:8 / /tmp rw - tmpfs one rw
30 25 0:9 / /tmp rw,nosuid - tmpfs two rw
not a line"""


def test_what_is_mounted() -> None:
    found = mounts.parse(INFO)
    assert found["/dev/shm"] == ["rw", "nosuid", "nodev", "rw", "inode64"]
    assert found["/mnt/a b"][:2] == ["ro", "noatime"] and "nosuid" in found["/tmp"] and len(found) == 5


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ({"tmp": {"options": ["nodev"]}}, "absolute path"),
        ({"/a/../b": {"options": ["nodev"]}}, "absolute path"),
        ({"/tmp": ["nodev"]}, "list of options"),
        ({"/tmp": {"options": []}}, "list of options"),
        ({"/tmp": {"options": ["no exec"]}}, "an option of mount"),
        ({"/tmp": {"options": ["noexce"]}}, "Did you mean 'noexec'"),
    ],
)
def test_what_cannot_be_is_refused(declared: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        mounts.wanted(declared)


def test_what_may_be_declared() -> None:
    assert mounts.wanted({"/tmp/": {"options": ["nodev"]}, "/home": None, "/proc": {"options": ["hidepid=invisible"]}}) == {
        "/tmp": ["nodev"],
        "/proc": ["hidepid=invisible"],
    }


def test_only_what_is_missing_is_added_and_only_that_is_remembered() -> None:
    mounted = mounts.parse(INFO)
    plan = mounts.plan({"/dev/shm": ["nodev", "noexec"], "/proc": ["hidepid=invisible", "gid=4"], "/srv": ["nodev"]}, mounted, {})
    assert plan.remount == {"/dev/shm": ["noexec"], "/proc": ["hidepid=invisible", "gid=4"]} and plan.absent == ["/srv"]
    assert plan.remembered == {"/dev/shm": ["exec"], "/proc": ["hidepid=off", "gid=0"]}
    assert mounts.command("/dev/shm", mounted["/dev/shm"], ["noexec"]) == ["mount", "-o", "remount,nosuid,nodev,noexec", "/dev/shm"]


def test_a_second_run_does_nothing_and_remembers_the_same() -> None:
    mounted = {"/dev/shm": ["rw", "noexec"], "/proc": ["hidepid=invisible"]}
    known = {"/dev/shm": ["exec"], "/proc": ["hidepid=off"]}
    plan = mounts.plan({"/dev/shm": ["noexec"], "/proc": ["hidepid=2"]}, mounted, known)
    assert plan.remount == {} and plan.remembered == known


def test_what_is_not_declared_any_more_is_taken_off() -> None:
    mounted = {"/dev/shm": ["rw", "noexec", "nodev", "nosuid"]}
    plan = mounts.plan({"/dev/shm": ["noexec"]}, mounted, {"/dev/shm": ["exec", "dev"]})
    assert plan.remount == {"/dev/shm": ["dev"]} and plan.remembered == {"/dev/shm": ["exec"]}
    assert mounts.command("/dev/shm", mounted["/dev/shm"], ["dev"])[2] == "remount,noexec,nosuid,dev"
    gone = mounts.plan({}, mounted, {"/dev/shm": ["exec", "dev"]})
    assert gone.remount == {"/dev/shm": ["exec", "dev"]} and gone.remembered == {}
    assert mounts.plan({}, {}, {"/dev/shm": ["exec"]}).remount == {}


def test_the_way_back_names_what_was() -> None:
    mounted = mounts.parse(INFO)
    found = mounts.effects({"/dev/shm": ["noexec"], "/proc": ["hidepid=invisible"]}, mounted)
    assert found[0]["undo"] == ["mount", "-o", "remount,nosuid,nodev,exec", "/dev/shm"]
    assert found[1]["undo"] == ["mount", "-o", "remount,nosuid,nodev,noexec,hidepid=off", "/proc"]
    taken_off = mounts.effects({"/dev/shm": ["dev"]}, mounted)
    assert taken_off[0]["undo"][2] == "remount,nosuid,nodev"


def test_the_diff() -> None:
    mounted = {"/tmp": ["rw", "nodev"], "/srv": ["rw"]}
    assert mounts.described(mounted, {"/tmp": ["dev", "noexec"], "/srv": ["nosuid"]}) == (
        "/srv defaults\n/tmp nodev\n",
        "/srv nosuid\n/tmp noexec\n",
    )
