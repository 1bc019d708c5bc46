# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health
from ansible_collections.groundwork.fleet.plugins.module_utils.checks import kernel_module

Run = Callable[..., dict[str, Any]]
Fake = Callable[[str, str], None]


@pytest.mark.parametrize(
    ("told", "blocked"),
    [
        ("install /bin/false \n", True),
        ("insmod /lib/modules/6/a.ko\ninstall /bin/false \n", True),
        ("install /bin/true\n", True),
        ("insmod /lib/modules/6/sctp.ko.xz\n", False),
        ("install /sbin/modprobe --ignore-install sctp\n", False),
        ("", False),
    ],
)
def test_what_modprobe_would_do(run: Run, fake_program: Fake, told: str, blocked: bool) -> None:
    fake_program("modprobe", told)
    assert run("kernel_module", name="sctp", blocked=blocked)["status"] == "ok"
    assert run("kernel_module", name="sctp", blocked=not blocked)["status"] == "failed"


def test_without_modprobe_nothing_is_said(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(kernel_module, "PATH", str(tmp_path))
    seen = kernel_module.observe(kernel_module.Options(name="sctp", blocked=True), health.Deadline(1))
    assert seen.not_applicable == "modprobe is not installed"


def test_what_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "modules").write_text("usb_storage 90112 0 - Live 0x0\nuas 32768 1 usb_storage, Live 0x0\n")
    monkeypatch.setattr(kernel_module, "MODULES", str(tmp_path / "modules"))
    for name, loaded in (("usb-storage", True), ("uas", True), ("usb", False)):
        assert kernel_module.observe(kernel_module.Options(name=name), health.Deadline(1)).facts["loaded"] is loaded
