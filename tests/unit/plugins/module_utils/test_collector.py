# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import collector


def collect(options: Any, earlier: str, now: float) -> list[str]:
    if "wrong" in options:
        raise ValueError("it is wrong")
    return [f"{options} {earlier!r} {now > 0}"]


@pytest.mark.parametrize(("earlier", "told"), [("x 1\n", "'x 1\\n'"), (None, "''")])
def test_it_gets_its_options_and_what_it_told_last(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], earlier: str | None, told: str
) -> None:
    (tmp_path / "options").write_text('{"a": 1}')
    if earlier is not None:
        (tmp_path / "text").write_text(earlier)
    assert collector.run([str(tmp_path / "options"), str(tmp_path / "text")], collect) == 0
    assert capsys.readouterr().out == f"{{'a': 1}} {told} True\n"


@pytest.mark.parametrize(("options", "message"), [('{"wrong": 1}', "it is wrong"), ("{", "Expecting"), (None, "No such file")])
def test_what_cannot_be_told_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str], options: str | None, message: str) -> None:
    if options is not None:
        (tmp_path / "options").write_text(options)
    assert collector.run([str(tmp_path / "options"), "none"], collect) == 2
    said = capsys.readouterr()
    assert message in said.err and not said.out


def test_it_takes_two_paths(capsys: pytest.CaptureFixture[str]) -> None:
    assert collector.run(["--help"], collect) == 2
    assert "usage" in capsys.readouterr().err
