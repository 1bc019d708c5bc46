# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health, health_run
from ansible_collections.groundwork.fleet.plugins.module_utils.checks import apparmor


@pytest.fixture(autouse=True)
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "enabled").write_text("Y\n")
    (tmp_path / "profiles").write_text("/usr/sbin/chronyd (enforce)\n/usr/bin/man (complain)\nman_filter (enforce)\n")
    monkeypatch.setattr(apparmor, "ENABLED", str(tmp_path / "enabled"))
    monkeypatch.setattr(apparmor, "PROFILES", str(tmp_path / "profiles"))
    return tmp_path


def verdict(**options: object) -> str:
    """Return why it fails, or why it does not apply; empty where it passes."""
    check = health.Check("it", health.CheckType("apparmor", apparmor.Options, apparmor.observe), apparmor.Options(**options))  # type: ignore[arg-type]
    seen = apparmor.observe(check.options, health.Deadline(1))
    return seen.not_applicable or health_run.judge(check, seen)


def test_the_kernel_has_it(kernel: Path) -> None:
    assert verdict() == ""
    (kernel / "enabled").write_text("N\n")
    assert "expected enabled true, observed false" in verdict(profiles=1)
    (kernel / "enabled").unlink()
    assert "expected enabled true, observed false" in verdict()


def test_its_profiles(kernel: Path) -> None:
    assert verdict(profiles=3) == "" and "at least 4" in verdict(profiles=4)
    assert verdict(complaining=["/usr/bin/man"]) == ""
    assert "observed /usr/bin/man" in verdict(complaining=["other"])
    (kernel / "profiles").unlink()
    assert verdict(profiles=1) == "the kernel does not tell its profiles"
