# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_journal, processes

CURSOR = "s=a0;i=7e9;b=c0;m=1;t=5f5e100;x=d0"
TWO = "__CURSOR=s=3\n_PID=1\n\n__CURSOR=s=2\n"


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """Return what journalctl will answer; it fails when there is nothing left."""
    left: list[tuple[int, str]] = []
    monkeypatch.setattr(processes, "answer", lambda *_command: left.pop(0) if left else (1, ""))
    monkeypatch.setattr(log_journal, "PAUSE", 0)
    return left


@pytest.mark.parametrize("told", [[], [(124, "")], [(1, "Failed to seek to cursor"), (0, "Journal file is truncated")]])
def test_the_number_of_an_entry_counts_where_journalctl_does_not_tell(
    answers: list[tuple[int, str]], told: list[tuple[int, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    answers += told
    assert log_journal.back(CURSOR, 9) == ("s=a0;i=7e0;t=2625a00", 9)
    assert CURSOR in capsys.readouterr().out


def test_nothing_is_guessed_from_what_is_no_cursor(answers: list[tuple[int, str]], capsys: pytest.CaptureFixture[str]) -> None:
    assert log_journal.back("x", 9) == ("x", 0) and not answers
    assert "does not tell" in capsys.readouterr().out
    assert log_journal.before("s=a0;i=2;t=3", 9) == "s=a0;i=1;t=0"


def test_journalctl_is_asked_again(answers: list[tuple[int, str]], capsys: pytest.CaptureFixture[str]) -> None:
    answers += [(1, "Bad message"), (0, ""), (0, TWO)]
    assert log_journal.back(CURSOR, 9) == ("s=2", 2) and not capsys.readouterr().out


def test_what_was_read_before_the_run_is_not_read_again(answers: list[tuple[int, str]]) -> None:
    answers += [(0, TWO), (0, TWO)]
    assert log_journal.back(CURSOR, 9, "s=3") == ("s=3", 1)
    assert log_journal.back(CURSOR, 9, "s=0") == ("s=2", 2)
