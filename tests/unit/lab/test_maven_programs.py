# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that Maven brings: only with the archives that are fixed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from lab import kafka, maven_programs, opensearch
from lab.console import LabError


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> maven_programs.Program:
    monkeypatch.setattr(maven_programs, "ROOT", tmp_path)
    monkeypatch.setattr(maven_programs, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(maven_programs, "command", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(maven_programs, "say", lambda _text: None)
    found = maven_programs.Program("one")
    found.sources.mkdir(parents=True)
    (found.sources / "pom.xml").write_text("<project/>")
    (found.sources / "checksums.txt").write_text(f"{hashlib.sha256(b'right').hexdigest()}  one-1.jar\n")
    return found


def bring(monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes]) -> list[list[str]]:
    """Have Maven bring these files; return what it was called with."""
    called: list[list[str]] = []

    def call(command: list[str], _what: str) -> str:
        called.append(command)
        place = Path(command[-1].partition("=")[2])
        place.mkdir(parents=True)
        for name, content in files.items():
            (place / name).write_bytes(content)
        return ""

    monkeypatch.setattr(maven_programs, "call", call)
    return called


def test_had_once(monkeypatch: pytest.MonkeyPatch, program: maven_programs.Program) -> None:
    called = bring(monkeypatch, {"one-1.jar": b"right"})
    command = maven_programs.java(program, "Main", "word")
    assert command[-2:] == ["Main", "word"]
    assert maven_programs.java(program, "Main", "word") == command
    assert len(called) == 1


@pytest.mark.parametrize("files", [{"one-1.jar": b"wrong"}, {"one-1.jar": b"right", "two-1.jar": b""}, {}])
def test_others_are_refused(monkeypatch: pytest.MonkeyPatch, program: maven_programs.Program, files: dict[str, bytes]) -> None:
    bring(monkeypatch, files)
    with pytest.raises(LabError, match=r"(one|two)-1\.jar of one is not what lab/java/one/checksums\.txt says"):
        maven_programs.archives(program)
    assert list((maven_programs.CACHE).glob("*")) == []


@pytest.mark.parametrize("program", [kafka.PROGRAM, opensearch.PROGRAM], ids=lambda one: one.name)
def test_every_archive_is_fixed(program: maven_programs.Program) -> None:
    lines = (program.sources / "checksums.txt").read_text().splitlines()
    assert len(lines) > 30
    assert all(len(line.split()[0]) == 64 and line.endswith(".jar") for line in lines)
