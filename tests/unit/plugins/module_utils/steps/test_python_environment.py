# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys
import zipfile
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import python_environment


@pytest.fixture
def release(tmp_path: Any) -> Any:
    """A release with one wheel, behind a link."""
    version = tmp_path / "releases" / "1.0.0"
    (version / "wheels").mkdir(parents=True)
    with zipfile.ZipFile(version / "wheels" / "shop-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("shop.py", "")
    (tmp_path / "current").symlink_to(version)
    return tmp_path / "current"


def test_an_environment_is_made_once_and_belongs_to_its_release(run_step: Any, release: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[str, ...]] = []
    real = python_environment.told

    def told(*command: str) -> str:
        ran.append(command)
        if "venv" in command:
            python_environment.os.makedirs(command[-1])
        return real(*command) if "-c" in command else ""

    monkeypatch.setattr(python_environment, "told", told)
    answer = run_step(python_environment, release=str(release), python=sys.executable)
    assert answer["changed"]
    assert answer["environment"].endswith("/releases/1.0.0/venv")
    install = next(command for command in ran if "install" in command)
    assert {"--no-index", "--no-deps"} <= set(install)
    assert install[-1].endswith("shop-1.0-py3-none-any.whl")
    assert not run_step(python_environment, release=str(release), python=sys.executable)["changed"]
    with zipfile.ZipFile(release / "wheels" / "shop-1.0-py3-none-any.whl", "a") as archive:
        archive.writestr("more.py", "")
    assert run_step(python_environment, check_mode=True, release=str(release), python=sys.executable)["changed"]


def test_a_failure_leaves_no_half_environment(run_step: Any, release: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = python_environment.processes.answer

    def answer(command: Any, seconds: float, **options: Any) -> tuple[int, str]:
        if "pip" in command:
            return 1, "ERROR: shop requires flask, which is not there"
        if "venv" in command:
            python_environment.os.makedirs(command[-1])
            return 0, ""
        return real(command, seconds, **options)

    monkeypatch.setattr(python_environment.processes, "answer", answer)
    failed = run_step(python_environment, release=str(release), python=sys.executable)
    assert "shop requires flask" in failed["msg"]
    assert not (release / "venv").exists()


def test_an_archive_without_wheels_is_named(run_step: Any, release: Any) -> None:
    assert "has no wheels; expected the application" in run_step(python_environment, release=str(release), wheels="wheel")["msg"]


def test_in_check_mode_the_release_may_be_missing(run_step: Any, tmp_path: Any) -> None:
    assert run_step(python_environment, check_mode=True, release=str(tmp_path / "none"))["changed"]
