# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.groundwork.fleet.plugins.plugin_utils import textfile_timer

PROGRAM = textfile_timer.Program(
    "groundwork-x", "How x is", "x.prom", ("--fast",), when="minutely", service={"IPAddressDeny": "any"}, writes=("/run/x",)
)


def test_a_timer_runs_it_and_a_change_is_told_soon() -> None:
    found = textfile_timer.plan(PROGRAM, "text", "/t", ["/etc/x"])
    service = found["files"]["/etc/systemd/system/groundwork-x.service"]["content"]
    assert (
        "ExecStart=/usr/local/sbin/groundwork-x --fast --textfile /t/x.prom\n" in service
        and "ReadWritePaths=-/t -/run/x\n" in service
        and "IPAddressDeny=any\n" in service
    )
    assert "ConditionPathIsDirectory=/t\n" in service and "[Install]" not in service
    assert "OnCalendar=minutely\n" in found["files"]["/etc/systemd/system/groundwork-x.timer"]["content"]
    assert found["files"]["/usr/local/sbin/groundwork-x"] == {"content": "text", "mode": "0755"}
    assert found["units"]["groundwork-x.timer"]["restart_on"][-1] == "/etc/x" and found["gone"] == {}


def test_where_nobody_reads_there_is_nothing() -> None:
    found = textfile_timer.plan(PROGRAM, "text", "")
    assert found == {"files": {}, "units": {}, "gone": {"groundwork-x.timer": {"state": "stopped", "enabled": False}}}


def test_a_removal_takes_what_the_program_wrote() -> None:
    assert textfile_timer.removal(PROGRAM, "/t")["files"] == {"/t/x.prom": {"content": ""}}
    assert textfile_timer.removal(PROGRAM, "")["files"] == {} and len(textfile_timer.removal(PROGRAM, "")["units"]) == 2
