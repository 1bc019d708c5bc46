# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import lock_holder


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 4021 (unattended-upgr)", 4021),
        ("dpkg: error: dpkg frontend lock was locked by another process with pid 418", 418),
        ("E: Unable to acquire the dpkg frontend lock (/var/none/lock-frontend), is another process using it?", None),
        ("E: Unable to locate package nginz", None),
    ],
)
def test_what_the_programs_say(text: str, number: int | None) -> None:
    assert lock_holder.number(text) == number


def test_the_holder_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "lock-frontend"
    path.touch()
    assert lock_holder.locker(str(path)) is None and lock_holder.locker(str(tmp_path / "none")) is None
    script = f"import fcntl, sys; file = open({str(path)!r}, 'w'); fcntl.lockf(file, fcntl.LOCK_EX); print(flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdin is not None
        process.stdout.readline()
        assert lock_holder.locker(str(path)) == process.pid
        process.stdin.close()


def test_the_words(tmp_path: Path) -> None:
    folder = tmp_path / "418"
    folder.mkdir()
    (folder / "cmdline").write_bytes(b"/usr/bin/python3\0/usr/bin/unattended-upgrade\0--password=x\0")
    (folder / "cgroup").write_text("0::/system.slice/apt-daily-upgrade.service\n")
    told = lock_holder.told("locked by another process with pid 418", str(tmp_path))
    assert told == " It is held by process 418 (/usr/bin/python3 /usr/bin/unattended-upgrade) of apt-daily-upgrade.service."
    assert lock_holder.told("held by process 9 (apt)", str(tmp_path)) == " It is held by process 9, which has ended."
    assert lock_holder.told("no lock") == ""
    assert str(os.getpid()) in lock_holder.described(os.getpid())
