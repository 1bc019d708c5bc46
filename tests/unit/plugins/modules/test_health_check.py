# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module on its own: it takes the sources that the action plugin sends, runs the checks and reports."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible_collections.groundwork.fleet.plugins.module_utils import checks as registry
from ansible_collections.groundwork.fleet.plugins.modules import health_check

SOURCES = {"file": (Path(registry.__file__).parent / "file.py").read_text()}


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], **options: Any) -> dict[str, Any]:
    """Return what the module answers."""
    arguments = json.dumps({"ANSIBLE_MODULE_ARGS": {"sources": SOURCES, "_ansible_check_mode": True, **options}})
    try:
        from ansible.module_utils.testing import patch_module_args
    except ImportError:  # ansible-core 2.18 without it
        monkeypatch.setattr(basic, "_ANSIBLE_ARGS", arguments.encode())
        with pytest.raises(SystemExit):
            health_check.main()
    else:
        with patch_module_args(json.loads(arguments)["ANSIBLE_MODULE_ARGS"]), pytest.raises(SystemExit):
            health_check.main()
    answer: dict[str, Any] = json.load(io.StringIO(capsys.readouterr().out))
    return answer


CHECKS = {"good": {"file": {"path": "/"}}, "bad": {"file": {"path": "/nowhere"}}}


def test_a_failed_check_fails_the_task(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    answer = run(monkeypatch, capsys, checks=CHECKS)
    assert answer["failed"] is True
    assert answer["failed_checks"] == ["bad"]
    assert answer["msg"].startswith("1 of 2 checks failed:\n- bad: file path=/nowhere: expected exists true, observed false")


def test_or_is_only_reported(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    answer = run(monkeypatch, capsys, checks=CHECKS, fail=False)
    assert not answer.get("failed")
    assert answer["changed"] is False
    assert {name: result["status"] for name, result in answer["checks"].items()} == {"good": "ok", "bad": "failed"}


def test_wrong_input_is_refused_here_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Did you mean 'path'?" in run(monkeypatch, capsys, checks={"a": {"file": {"pth": "/"}}})["msg"]
