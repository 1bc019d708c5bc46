# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health
from ansible_collections.groundwork.fleet.plugins.module_utils.checks import package

Run = Callable[..., dict[str, Any]]
Fake = Callable[[str, str], None]
LIST = "telnet\t0.17\tconfig-files\nsudo\t1.9.13p3-1\tinstalled\nsudo-ldap\t1\tnot-installed\n"


def test_what_is_installed(run: Run, fake_program: Fake) -> None:
    fake_program("dpkg-query", LIST)
    assert run("package", name="sudo")["status"] == "ok"
    assert run("package", name="sudo", version="1.9.13p3-1")["status"] == "ok"
    assert "expected version 2, observed 1.9.13p3-1" in run("package", name="sudo", version="2")["message"]
    assert run("package", name="sudo", installed=False)["status"] == "failed"


@pytest.mark.parametrize("name", ["telnet", "sudo-ldap", "none"])
def test_what_is_not(run: Run, fake_program: Fake, name: str) -> None:
    fake_program("dpkg-query", LIST)
    assert run("package", name=name, installed=False)["status"] == "ok"
    assert "expected installed true, observed false" in run("package", name=name)["message"]


def test_a_host_without_packages_does_not_apply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert package.observe(package.Options(name="sudo"), health.Deadline(1)).not_applicable == "neither dpkg nor rpm is installed"
