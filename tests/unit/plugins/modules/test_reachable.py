# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import disk_bounds
from ansible_collections.groundwork.fleet.plugins.modules import reachable


class Module:
    """What the module uses of AnsibleModule."""

    def __init__(self, bounds: list[dict[str, Any]]) -> None:
        self.params = {"bounds": bounds}
        self.answer: dict[str, Any] = {}

    def exit_json(self, **answer: Any) -> None:
        self.answer = answer


def run(monkeypatch: pytest.MonkeyPatch, release: Path, folders: dict[str, str]) -> dict[str, Any]:
    module = Module([{"variable": "v", "value": "1t", "bytes": 1 << 40, "folders": folders}] * 2)
    monkeypatch.setattr(reachable, "AnsibleModule", lambda **_options: module)
    monkeypatch.setattr(disk_bounds, "OS_RELEASE", str(release))
    reachable.main()
    return module.answer


@pytest.mark.parametrize(("text", "family"), [("ID=debian\n", "Debian"), ("ID_LIKE=fedora\n", "RedHat"), (None, "Debian")])
def test_the_sizes_of_the_file_systems_of_the_hosts_family(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str | None, family: str
) -> None:
    if text is not None:
        (tmp_path / "release").write_text(text)
    folders = {"Debian": str(tmp_path / "spool" / "d"), "RedHat": str(tmp_path / "lib" / "r")}
    status = os.statvfs(tmp_path)
    sizes = {folders[family]: status.f_blocks * status.f_frsize}
    wanted = {"changed": False, "ping": "pong", "family": family, "file_systems": sizes}
    assert run(monkeypatch, tmp_path / "release", folders) == wanted


def test_a_family_that_the_role_does_not_know_has_no_size(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert run(monkeypatch, tmp_path / "release", {"RedHat": "/r"})["file_systems"] == {}
