# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A linter that fails, or is not there, fails the whole; the others are still told."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tools import lint

GOOD = lint.Step("good", (sys.executable, "-c", "print('fine')"))
BAD = lint.Step("bad", (sys.executable, "-c", "print('line 1 is <bad>'); raise SystemExit(3)"))


def run(monkeypatch: pytest.MonkeyPatch, steps: list[lint.Step], *arguments: str) -> int:
    monkeypatch.setattr(lint, "steps", lambda: steps)
    monkeypatch.setattr(sys, "argv", ["lint", *arguments])
    return lint.main()


def test_all_good(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, [GOOD]) == 0
    assert "lint: 1 steps passed" in capsys.readouterr().out


def test_one_bad_fails_all_and_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, [GOOD, BAD]) == 1
    told = capsys.readouterr().out
    assert "ok    good" in told
    assert "FAIL  bad" in told
    assert "line 1 is <bad>" in told
    assert "lint: failed: bad in" in told


def test_a_linter_that_is_not_installed_fails(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, [lint.Step("gone", ("no-such-linter",))]) == 1
    assert "no-such-linter is not installed" in capsys.readouterr().out


def test_one_step_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, [GOOD, BAD], "good") == 0


def test_junit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    report = tmp_path / "deeper" / "lint.xml"
    assert run(monkeypatch, [GOOD, BAD], "--junit", str(report)) == 1
    suite = ElementTree.parse(report).getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    failures = {case.get("name"): case.findtext("failure") for case in suite}
    assert failures == {"good": None, "bad": "line 1 is <bad>"}


def test_every_real_step_is_named_once() -> None:
    names = [step.name for step in lint.steps()]
    assert len(names) == len(set(names))
