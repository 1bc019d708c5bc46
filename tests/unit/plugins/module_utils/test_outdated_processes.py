# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import outdated_processes
from ansible_collections.groundwork.fleet.plugins.module_utils.outdated_processes import Process

MAPS = """\
55d0a0000000-55d0a0010000 r--p 00000000 08:01 1 /usr/sbin/sshd (deleted)
7f0000000000-7f0000100000 r-xp 00000000 08:01 2 /usr/lib/x86_64-linux-gnu/libssl.so.3 (deleted)
7f0000100000-7f0000200000 r--p 00000000 08:01 2 /usr/lib/x86_64-linux-gnu/libssl.so.3 (deleted)
7f0000200000-7f0000300000 r-xp 00000000 08:01 3 /usr/lib/x86_64-linux-gnu/libc.so.6
7f0000300000-7f0000400000 rwxp 00000000 00:01 4 /memfd:jit (deleted)
7f0000400000-7f0000500000 r-xp 00000000 00:01 5 /tmp/with a space (deleted)
7f0000500000-7f0000600000 r-xp 00000000 00:00 0 [vdso]
"""


def test_only_replaced_code_of_packages_counts() -> None:
    assert outdated_processes.replaced(MAPS) == ["/usr/lib/x86_64-linux-gnu/libssl.so.3"]


@pytest.mark.parametrize(
    ("cgroup", "unit"),
    [
        ("0::/system.slice/ssh.service\n", "ssh.service"),
        ("12:cpu:/\n1:name=systemd:/system.slice/cron.service\n0::/\n", "cron.service"),
        ("0::/user.slice/user-0.slice/session-3.scope\n", "session-3.scope"),
        ("0::/user.slice/user-1.slice/user@1.service/app.slice/x.service\n", "x.service"),
        ("0::/\n", ""),
    ],
)
def test_the_unit_is_the_innermost(cgroup: str, unit: str) -> None:
    assert outdated_processes.unit_of(cgroup) == unit


@pytest.fixture
def proc(tmp_path: Path) -> Any:
    """Return a function that adds a process to a /proc below tmp_path."""

    def add(number: int, maps: str, exe: str = "/usr/sbin/sshd", root: str = "/") -> Path:
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "maps").write_text(maps)
        (folder / "comm").write_text("sshd\n")
        (folder / "cgroup").write_text("0::/system.slice/ssh.service\n")
        (folder / "exe").symlink_to(exe)
        (folder / "root").symlink_to(root)
        return tmp_path

    return add


def test_programs_and_libraries_of_this_host(proc: Any, tmp_path: Path) -> None:
    proc(1, "")
    proc(20, MAPS)
    proc(9, "", exe="/usr/sbin/sshd (deleted)")
    proc(30, MAPS, root=str(tmp_path))  # a container
    proc(os.getpid(), MAPS)
    (tmp_path / "40").mkdir()  # a kernel thread: nothing to read
    assert outdated_processes.running(str(tmp_path)) == [
        Process(9, "sshd", "ssh.service", ("/usr/sbin/sshd",)),
        Process(20, "sshd", "ssh.service", ("/usr/lib/x86_64-linux-gnu/libssl.so.3",)),
    ]


def test_told_by_unit() -> None:
    found = outdated_processes.by_unit(
        [
            Process(9, "sshd", "ssh.service", ("/b",)),
            Process(10, "child", "ssh.service", ("/a", "/b")),
            Process(11, "dbus-daemon", "dbus.service", ("/b",)),
            Process(12, "bash", "session-1.scope", ("/b",)),
            Process(13, "alone", "", ("/b",)),
        ]
    )
    assert found[-1] == {"unit": "ssh.service", "programs": ["child", "sshd"], "processes": 2, "files": ["/a", "/b"], "restart": True}
    assert [(one["unit"], one["restart"]) for one in found[:-1]] == [("", False), ("dbus.service", False), ("session-1.scope", False)]


def test_this_machine_can_be_looked_at() -> None:
    assert isinstance(outdated_processes.running(), list)
