# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health, reboot
from ansible_collections.groundwork.fleet.plugins.module_utils.checks import reboot_needed


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Let the host have its kernels and its flag below tmp_path, and run 6.1.0-9."""
    (tmp_path / "vmlinuz-6.1.0-9-amd64").write_text("")
    monkeypatch.setattr(reboot, "BOOT", str(tmp_path))
    monkeypatch.setattr(reboot, "FLAGS", (str(tmp_path / "reboot-required"),))
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(release="6.1.0-9-amd64"))
    return reboot_needed


def look(host: ModuleType) -> health.Observation:
    found: health.Observation = host.observe(host.Options(), health.Deadline(1))
    return found


def test_the_newest_kernel_runs(host: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "vmlinuz-6.1.0-8-amd64").write_text("")
    (tmp_path / "vmlinuz-0-rescue-abc").write_text("")
    assert look(host).facts["needed"] is False
    assert look(host).facts["uptime"] > 0


def test_a_newer_kernel_waits(host: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "vmlinuz-6.1.0-10-amd64").write_text("")
    found = look(host)
    assert found.facts["needed"] is True
    assert found.note == "kernel 6.1.0-10-amd64 is installed, 6.1.0-9-amd64 runs"


def test_a_package_asks_for_it(host: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "reboot-required").write_text("")
    assert look(host).note == "a package asks for it"
    (tmp_path / "reboot-required.pkgs").write_text("linux-base\nlinux-base\ndbus\n")
    assert look(host).note == "asked for by linux-base, dbus"


def test_a_container_runs_the_kernel_of_its_host(host: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "vmlinuz-6.1.0-9-amd64").unlink()
    (tmp_path / "vmlinuz-6.1.0-10-amd64").write_text("")
    assert look(host).facts["needed"] is False


def test_a_host_without_kernels(host: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reboot, "BOOT", "/nowhere")
    assert look(host).facts["needed"] is False
