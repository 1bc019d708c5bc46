# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.groundwork.fleet.plugins.module_utils.steps import presence


def test_what_is_there_and_what_is_not(run_step, tmp_path, monkeypatch):
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    (tmp_path / "a.service").touch()
    (tmp_path / "masked.service").symlink_to("/dev/null")
    monkeypatch.setattr(presence, "UNIT_DIRECTORIES", (str(tmp_path / "none"), str(tmp_path)))
    answer = run_step(
        presence,
        programs=["sh", str(program), "no-such-program", "/no/such/program"],
        paths=[str(tmp_path), "/no/such/path"],
        units=["a.service", "b.service", "masked.service"],
    )
    assert set(answer["found"]["programs"]) == {"sh", str(program)}
    assert answer["found"]["paths"] == {str(tmp_path): str(tmp_path)}
    assert answer["found"]["units"] == {"a.service": str(tmp_path / "a.service")}
    assert answer["missing"] == {
        "programs": ["no-such-program", "/no/such/program"],
        "paths": ["/no/such/path"],
        "units": ["b.service", "masked.service"],
    }
    assert answer["changed"] is False
