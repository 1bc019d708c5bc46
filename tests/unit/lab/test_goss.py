# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Go is good enough, and what is said where there is none. Nothing is built here."""

from __future__ import annotations

import pytest

from lab import goss
from lab.console import LabError


@pytest.mark.parametrize(
    ("text", "version"),
    [("go version go1.26.8 linux/amd64", (1, 26)), ("go version go1.22 linux/arm64", (1, 22)), ("gccgo", (0, 0)), ("", (0, 0))],
)
def test_versions(text: str, version: tuple[int, int]) -> None:
    assert goss.version_of(text) == version


def test_without_go_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[list[str]] = []
    monkeypatch.setattr(goss, "compiler", lambda: None)
    monkeypatch.setattr(goss, "call", lambda command, _what: called.append(command) or "")
    monkeypatch.setattr(goss, "say", lambda _text: None)
    with pytest.raises(LabError, match=r"install Go 1\.22 or newer"):
        goss.ready()
    assert called[0][-1] == "golang-go"


def test_the_sources_are_fixed() -> None:
    """Every module has its version in go.mod and its checksum in go.sum."""
    wanted = [line.split() for line in (goss.SOURCES / "go.mod").read_text().splitlines() if line.endswith("// indirect")]
    fixed = (goss.SOURCES / "go.sum").read_text()
    assert len(wanted) > 10
    assert all(f"{name} {version}/go.mod h1:" in fixed for name, version, *_rest in wanted)
