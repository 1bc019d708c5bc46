# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import shutil
import tarfile
from pathlib import Path

import yaml

from lab import releases

ROOT = Path(__file__).resolve().parents[3]
HELLO = ROOT / "lab" / "releases" / "hello"
# Change it here, in molecule/services/vars.yml and in the inventory that pins it whenever lab/releases/hello changes.
SHA256 = "1fce8a128320c03f7262ef4a207681e228779b3615024320802606ca76830553"


def test_the_archive_of_hello_is_the_one_that_is_pinned(tmp_path):
    assert releases.build(HELLO, tmp_path / "hello.tar") == SHA256
    scenario = yaml.safe_load((ROOT / "molecule" / "services" / "vars.yml").read_text())
    assert scenario["scenario_release"]["sha256"] == SHA256
    built = releases.build(ROOT / "lab" / "releases" / "crashing", tmp_path / "crashing.tar")
    assert scenario["scenario_crashing"]["sha256"] == built


def test_times_and_umask_do_not_show(tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(HELLO, copy)
    for path in copy.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o700)
    assert releases.build(copy, tmp_path / "a" / "hello.tar") == SHA256


def test_members_belong_to_root_and_carry_no_directory(tmp_path):
    releases.build(HELLO, tmp_path / "hello.tar")
    with tarfile.open(tmp_path / "hello.tar") as archive:
        members = [(member.name, member.uid, member.uname, member.mode, member.mtime) for member in archive]
    assert members == [("bin/hello", 0, "root", 0o755, releases.EPOCH)]


def test_an_archive_that_is_the_same_is_not_written_again(tmp_path):
    output = tmp_path / "hello.tar"
    releases.build(HELLO, output)
    os.utime(output, (1, 1))
    releases.build(HELLO, output)
    assert output.stat().st_mtime == 1
