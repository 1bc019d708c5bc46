# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health, health_result
from ansible_collections.groundwork.fleet.plugins.module_utils.checks import sysctl

Run = Callable[..., dict[str, Any]]


def look(root: Path, monkeypatch: pytest.MonkeyPatch, **options: str) -> tuple[str, health.Observation]:
    """Return the verdict and what was observed below another root than the kernel's."""
    monkeypatch.setattr(sysctl, "ROOT", str(root))
    kind = health.CheckType("sysctl", sysctl.Options, sysctl.observe)
    check = health.Check("it", kind, sysctl.Options(options["name"], [options["value"]]))
    seen = sysctl.observe(check.options, health.Deadline(1))
    return health_result.judge(check, seen), seen


def test_the_live_value_counts(run: Run) -> None:
    value = Path("/proc/sys/kernel/ostype").read_text().strip()
    assert run("sysctl", name="kernel.ostype", value=value)["status"] == "ok"
    assert run("sysctl", name="kernel/ostype", value=value)["status"] == "ok"


def test_words_are_compared_whatever_stands_between_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "range").write_text("1\t  2\n")
    assert look(tmp_path, monkeypatch, name="net.range", value="1 2")[0] == ""
    assert "expected value 3 4, observed 1 2" in look(tmp_path, monkeypatch, name="net.range", value="3 4")[0]


def test_what_this_kernel_does_not_have(run: Run) -> None:
    result = run("sysctl", name="kernel.no_such_setting", value="1")
    assert (result["status"], result["message"]) == ("not_applicable", "unknown to this kernel")


def test_what_nobody_can_write_is_not_the_hosts_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("0\n")
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    assert look(tmp_path, monkeypatch, name="a", value="1")[1].not_applicable == "container"
    assert look(tmp_path, monkeypatch, name="a", value="0")[1].not_applicable == ""
