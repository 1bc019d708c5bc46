# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host's program: its command line, what it tells and what it leaves."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import apt_host, patch_program, patch_status
from ansible_collections.groundwork.fleet.plugins.plugin_utils import health_program

QUIET: dict[str, Any] = {
    "pending": [{"name": "vim", "security": False}],
    "security": [],
    "held": {},
    "obsolete": {},
    "reboot": {"needed": False, "reasons": []},
    "processes": [],
    "lists": {"refreshed": 0, "age": 7200},
    "dpkg": {"interrupted": False, "packages": [], "problem": ""},
    "repository_keys": [],
}
ILL: list[dict[str, Any]] = [
    {"security": ["openssl"]},
    {"reboot": {"needed": True, "reasons": ["a package asks for it"]}},
    {"processes": [{"unit": "", "programs": ["bash"], "processes": 1}]},
    {"dpkg": {"interrupted": True, "packages": [], "problem": ""}},
]


@pytest.fixture
def status(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    found = dict(QUIET)
    monkeypatch.setattr(apt_host, "Apt", lambda *_given: None)
    monkeypatch.setattr(apt_host, "read_records", lambda: {"refreshed": {}, "owners": {}})
    monkeypatch.setattr(patch_status, "gather", lambda *_given: found)
    return found


def test_a_quiet_host(status: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert patch_program.main([]) == 0
    told = capsys.readouterr().out
    assert "security updates: none\nother updates: vim\n" in told and "reboot: not needed" in told and "2.0 h old" in told


@pytest.mark.parametrize("ill", ILL)
def test_what_matters_is_the_exit_status(status: dict[str, Any], ill: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    status.update(ill)
    assert patch_program.main([]) == 1
    assert patch_program.main(["--json"]) == 1
    assert json.loads("{" + capsys.readouterr().out.partition("\n{")[2]) == status


def test_the_textfile(status: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "groundwork_patch.prom"
    status.update(ILL[0])
    assert patch_program.main(["--textfile", str(path)]) == 0, "a timer is not failed by what it tells"
    assert "groundwork_patch_pending_security 1\n" in path.read_text() and path.stat().st_mode & 0o777 == 0o644
    assert [one.name for one in tmp_path.iterdir()] == ["groundwork_patch.prom"]
    assert patch_program.main(["--textfile", str(tmp_path / "none" / "x")]) == 2


@pytest.mark.parametrize("words", [["--jsn"], ["--textfile"], ["--json", "x"]])
def test_a_wrong_option_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert patch_program.main(words) == 2
    assert capsys.readouterr().err.startswith("usage: ")


def test_apt_cannot_tell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def refuse() -> None:
        raise apt_host.AptError("records are damaged")

    monkeypatch.setattr(apt_host, "read_records", refuse)
    assert patch_program.main([]) == 2
    assert "records are damaged" in capsys.readouterr().err


def test_the_one_file_runs_with_nothing_but_python(tmp_path: Path) -> None:
    path = tmp_path / "groundwork-patch-status"
    path.write_text(health_program.plain_program("patch_program", sys.executable))
    path.chmod(0o755)
    ran = subprocess.run([str(path), "--help"], capture_output=True, text=True, check=False, env={"PATH": "/nowhere"}, cwd="/")
    assert (ran.returncode, ran.stdout) == (0, patch_program.USAGE)
    assert "TEXTS['step']" not in path.read_text(), "what belongs to Ansible is not on the host"
