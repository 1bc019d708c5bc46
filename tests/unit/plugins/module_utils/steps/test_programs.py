# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.groundwork.fleet.plugins.module_utils.steps import programs


def test_what_is_there_and_what_is_not(run_step, tmp_path):
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    answer = run_step(programs, names=["sh", str(program), "no-such-program", "/no/such/program"])
    assert set(answer["found"]) == {"sh", str(program)} and answer["missing"] == ["no-such-program", "/no/such/program"]
    assert answer["changed"] is False
