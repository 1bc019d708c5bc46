# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import subprocess
from pathlib import Path

import yaml
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


def test_which_boot_this_is(tmp_path: Path) -> None:
    number, init = tmp_path / "boot_id", tmp_path / "stat"
    number.write_text("ef69e45f\n")
    init.write_text("1 (a name) with) S " + " ".join(str(field) for field in range(4, 30)) + "\n")
    assert reboot.current(str(number), str(init)) == "ef69e45f 22"
    init.write_text("1 (systemd) S 0\n")
    assert reboot.current(str(number), str(init)) == ""
    assert reboot.current(str(tmp_path / "none"), str(init)) == ""


def test_ansible_is_told_the_same_boot() -> None:
    """The playbook gives ansible.builtin.reboot a command; it has to tell this machine's boot as the module does."""
    variables = yaml.safe_load((Path(__file__).parents[4] / "playbooks" / "vars" / "patch.yml").read_text(encoding="utf-8"))
    told = subprocess.run(["sh", "-c", variables["__patch_boot_command"]], capture_output=True, text=True, check=True).stdout
    assert " ".join(told.split()) == reboot.current() != ""
