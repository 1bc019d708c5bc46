# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import mounts

LINE = "26 25 0:5 / /dev/shm %s shared:2 - tmpfs tmpfs rw,inode64\n"


@pytest.fixture
def kernel(run_step, tmp_path, monkeypatch):
    """A kernel with one mount; it takes what it is told unless it refuses."""
    info = tmp_path / "mountinfo"
    info.write_text(LINE % "rw,nosuid")
    monkeypatch.setattr(mounts, "MOUNTED", str(info))
    monkeypatch.setattr(mounts, "MEMORY", str(tmp_path / "memory"))
    monkeypatch.setattr(mounts, "JOURNAL", str(tmp_path / "journal"))

    class Module(run_step.base):
        told, refuses = [], False

        def run_command(self, command):
            self.told.append(command)
            if self.refuses:
                return 32, "", "mount: /dev/shm:\n  permission denied."
            opposite = {"exec": "noexec", "suid": "nosuid", "dev": "nodev"}
            given = command[2].split(",")[1:]
            gone = [opposite[one] for one in given if one in opposite]
            kept = [one for one in given if one not in opposite and one not in gone]
            info.write_text(LINE % ",".join(["rw", *kept]))
            return 0, "", ""

    return Module


OPTIONS = {"/dev/shm": {"options": ["nodev", "nosuid", "noexec"]}, "/srv": {"options": ["nodev"]}}


def test_remount_again_and_back(run_step, kernel):
    foreseen = run_step(mounts, check_mode=True, base=kernel, owner="hardening", mounts=OPTIONS)
    assert kernel.told == [] and foreseen["remounted"] == {"/dev/shm": ["nodev", "noexec"]}
    done = run_step(mounts, base=kernel, owner="hardening", mounts=OPTIONS)
    assert done["changed"] and done["diff"] == foreseen["diff"] and done["not_mounted"] == ["/srv"]
    assert kernel.told == [["mount", "-o", "remount,nosuid,nodev,noexec", "/dev/shm"]]
    effects = change_journal.read(done["change"], mounts.JOURNAL)["effects"]
    assert effects[0]["undo"] == ["mount", "-o", "remount,nosuid,dev,exec", "/dev/shm"]
    assert not run_step(mounts, base=kernel, owner="hardening", mounts=OPTIONS)["changed"]
    assert run_step(mounts, base=kernel, owner="hardening", state="absent")["changed"]
    assert kernel.told[-1] == ["mount", "-o", "remount,nosuid,dev,exec", "/dev/shm"] and not os.path.exists(mounts.MEMORY)
    assert not run_step(mounts, base=kernel, owner="hardening", state="absent")["changed"]


def test_what_the_kernel_refuses_is_told(run_step, kernel):
    kernel.refuses = True
    answer = run_step(mounts, base=kernel, owner="hardening", mounts=OPTIONS)
    assert answer["refused"] == {"/dev/shm": "mount: /dev/shm: permission denied."} and not answer["changed"]


def test_an_option_that_cannot_be_taken_back_is_refused(run_step, kernel):
    assert "Did you mean 'noexec'" in run_step(mounts, base=kernel, owner="x", mounts={"/tmp": {"options": ["noexce"]}})["msg"]
