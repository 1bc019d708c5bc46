# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

from ansible_collections.groundwork.fleet.plugins.module_utils import reboot


def test_the_packages_that_asked_are_named(tmp_path: Path) -> None:
    flags = (str(tmp_path / "none"), str(tmp_path / "reboot-required"))
    assert reboot.reasons("6.1", str(tmp_path), flags) == []
    Path(flags[1]).write_text("")
    assert reboot.reasons("6.1", str(tmp_path), flags) == ["a package asks for it"]
    Path(flags[1] + ".pkgs").write_text("libc6\nlibc6\n\n")
    assert reboot.reasons("6.1", str(tmp_path), flags) == ["asked for by libc6"]


def test_ten_comes_after_nine() -> None:
    assert max(["6.1.0-9-amd64", "6.1.0-10-amd64"], key=reboot.order) == "6.1.0-10-amd64"
