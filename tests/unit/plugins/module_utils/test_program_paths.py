# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.groundwork.fleet.plugins.module_utils import program_paths


def test_programs_are_found_by_name_and_by_path(tmp_path, monkeypatch):
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\n")
    assert program_paths.located(str(program)) is None  # not executable
    program.chmod(0o755)
    assert program_paths.located(str(program)) == str(program)
    assert program_paths.located("program") is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert program_paths.located("program") == str(program)


def test_system_directories_are_searched_even_where_the_path_lacks_them(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert program_paths.located("sh") in ("/usr/bin/sh", "/bin/sh")
