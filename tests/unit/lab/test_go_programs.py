# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Go is good enough, what is said where there is none, and what is built. Nothing is built here."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import go_programs, goss, opentelemetry_collector, sops, victoria_logs
from lab.console import LabError


@pytest.mark.parametrize(
    ("text", "version"),
    [("go version go1.26.8 linux/amd64", (1, 26)), ("go version go1.22 linux/arm64", (1, 22)), ("gccgo", (0, 0)), ("", (0, 0))],
)
def test_versions(text: str, version: tuple[int, int]) -> None:
    assert go_programs.version_of(text) == version


def test_without_go_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[list[str]] = []
    monkeypatch.setattr(go_programs, "compiler", lambda _least: None)
    monkeypatch.setattr(go_programs, "call", lambda command, _what: called.append(command) or "")
    monkeypatch.setattr(go_programs, "say", lambda _text: None)
    with pytest.raises(LabError, match=r"install Go 1\.25 or newer"):
        go_programs.ready((1, 25))
    assert called[0][-1] == "golang-go"


def test_built_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    called: list[list[str]] = []

    def build(command: list[str], _what: str) -> str:
        called.append(command)
        Path(command[command.index("-o") + 1]).write_text("built")
        return ""

    monkeypatch.setattr(go_programs, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(go_programs, "compiler", lambda _least: "/go")
    monkeypatch.setattr(go_programs, "call", build)
    monkeypatch.setattr(go_programs, "say", lambda _text: None)
    assert sops.binary() == sops.binary()
    assert sops.binary().read_text() == "built"
    assert len(called) == 1
    assert called[0][-1] == sops.PROGRAM.package
    assert sops.binary() != goss.binary()


PROGRAMS = [goss.PROGRAM, opentelemetry_collector.PROGRAM, sops.PROGRAM, victoria_logs.PROGRAM]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda one: one.name)
def test_the_sources_are_fixed(program: go_programs.Program) -> None:
    """Every module has its version in go.mod and its checksum in go.sum."""
    wanted = [line.split() for line in (program.sources / "go.mod").read_text().splitlines() if line.endswith("// indirect")]
    fixed = (program.sources / "go.sum").read_text()
    assert len(wanted) > 10
    assert all(f"{name} {version}/go.mod h1:" in fixed for name, version, *_rest in wanted)
