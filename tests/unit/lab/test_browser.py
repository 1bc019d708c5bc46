# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the browser comes from, and what is said where there is none. What it does, tests/integration/test_page.py holds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lab import browser
from lab.console import LabError


def test_a_browser_that_is_there_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "chromium-browser").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert browser.ready() == str(tmp_path / "chromium-browser")


def test_where_none_can_be_had_one_line_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LabError, match="no browser found: install chromium"):
        browser.ready()


def test_an_answer_finds_its_question_and_events_are_kept() -> None:
    """A browser that ends is told, whatever was asked."""
    questions, answers = os.pipe(), os.pipe()
    told = [{"id": 1, "result": {"targetId": "t"}}, {"method": "Log.entryAdded"}, {"id": 2, "result": {"sessionId": "s"}}]
    text = b"".join(str(one).replace("'", '"').encode() + b"\0" for one in told)
    os.write(answers[1], text + b"".join(b'{"id": %d, "result": {}}\0' % number for number in range(3, 7)))
    os.write(answers[1], b'{"id": 7, "error": {"message": "no such method"}}\0')
    os.close(answers[1])
    page = browser.Page(questions[1], answers[0])
    assert page.events == [{"method": "Log.entryAdded"}]
    with pytest.raises(LabError, match=r"the browser refused Page\.dance: no such method"):
        page.ask("Page.dance")
    with pytest.raises(LabError, match="the browser ended"):
        page.ask("Page.dance")
    assert b'"sessionId": "s"' in os.read(questions[0], 65536)
    for one in (*questions, answers[0]):
        os.close(one)
