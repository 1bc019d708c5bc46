# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health, health_result
from ansible_collections.groundwork.fleet.plugins.module_utils.checks import mount

INFO = r"""26 25 0:5 / /dev/shm rw,nosuid,nodev shared:2 - tmpfs tmpfs rw,inode64
27 25 0:6 / /mnt/a\040b ro,noatime - ext4 /dev/sdb ro
28 25 0:7 / /proc rw,nosuid - proc proc rw,hidepid=invisible
29 25 0:8 / /tmp rw - tmpfs one rw
30 25 0:9 / /tmp rw,nosuid - tmpfs two rw
"""


@pytest.fixture(autouse=True)
def mountinfo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mountinfo").write_text(INFO)
    monkeypatch.setattr(mount, "MOUNTED", str(tmp_path / "mountinfo"))


def verdict(**options: object) -> str:
    """Return why it fails, or why it does not apply; empty where it passes."""
    check = health.Check("it", health.CheckType("mount", mount.Options, mount.observe), mount.Options(**options))  # type: ignore[arg-type]
    seen = mount.observe(check.options, health.Deadline(1))
    return seen.not_applicable or health_result.judge(check, seen)


@pytest.mark.parametrize(
    "options",
    [
        {"path": "/dev/shm", "options": ["nodev", "nosuid"]},
        {"path": "/dev/shm/", "lacks": ["noexec"]},
        {"path": "/mnt/a b", "options": ["ro"]},
        {"path": "/proc", "options": ["hidepid=2"]},
        {"path": "/tmp", "options": ["nosuid"], "mounted": True},
        {"path": "/srv", "mounted": False},
    ],
)
def test_what_holds(options: dict[str, object]) -> None:
    assert verdict(**options) == ""


def test_what_does_not() -> None:
    assert "expected options with all of nodev, noexec, observed rw, nosuid, nodev" in verdict(path="/dev/shm", options=["nodev", "noexec"])
    assert "without nodev" in verdict(path="/dev/shm", lacks=["nodev"]) or "expected options" in verdict(path="/dev/shm", lacks=["nodev"])
    assert "expected mounted true, observed false" in verdict(path="/srv", mounted=True)


def test_a_path_that_is_no_mount_does_not_apply() -> None:
    assert verdict(path="/srv", options=["nodev"]) == "not a file system of its own"
