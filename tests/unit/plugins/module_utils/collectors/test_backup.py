# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.collectors import backup
from ansible_collections.groundwork.fleet.plugins.plugin_utils.health_program import plain_program

NOW = 1_800_000_000.0
ENDED = int(NOW - 3600)
TIMERS = [
    {"next": int((NOW + 7200) * 1e6), "activates": "orders.service", "unit": "orders.timer"},
    {"next": int((NOW + 60) * 1e6), "activates": "orders.service", "unit": "orders-too.timer"},
    {"next": 0, "activates": "idle.service", "unit": "idle.timer"},
]


def shown(state: str = "inactive", result: str = "success", load: str = "loaded", ended: float = 3600.0, took: float = 90.0) -> str:
    """Return what systemctl says of a unit that ended some seconds ago."""
    at = (time.clock_gettime(time.CLOCK_MONOTONIC) - ended) * 1e6
    times = f"InactiveExitTimestampMonotonic={at - took * 1e6:.0f}\nInactiveEnterTimestampMonotonic={at:.0f}\n"
    return f"LoadState={load}\nActiveState={state}\nResult={result}\n{times if ended else ''}"


def looked(given: dict[str, Any], unit: str = "", earlier: str = "") -> dict[str, float]:
    """Return the values that are told of the backup `a`, by metric."""

    def ask(command: list[str]) -> str:
        return json.dumps(TIMERS) if "list-timers" in command else unit

    lines = backup.collect({"backups": {"a": {"age": 100, **given}}}, earlier, NOW, ask)
    found = [line.removeprefix(backup.PREFIX).split('{backup="a"} ') for line in lines if "{" in line]
    return {name: float(value) for name, value in found}


def test_a_unit_that_ended_well_is_told_with_its_next_run() -> None:
    found = looked({"unit": "orders.service"}, shown())
    assert abs(found.pop("last_success_timestamp_seconds") - ENDED) <= 1
    assert found == {"failed": 0, "duration_seconds": 90, "scheduled": 1, "next_run_timestamp_seconds": NOW + 60, "age_limit_seconds": 100}


def test_the_last_success_outlives_a_failure_a_run_and_a_reboot() -> None:
    earlier = "\n".join(backup.family(backup.SUCCESS, "x", [({"backup": "a"}, 1234), ({"backup": "b"}, 5)]))
    for unit in (shown("failed", "exit-code"), shown("activating"), shown(ended=0)):
        assert looked({"unit": "orders.service"}, unit, earlier)["last_success_timestamp_seconds"] == 1234
    assert looked({"unit": "orders.service"}, shown("failed", "exit-code"), earlier)["failed"] == 1
    assert "failed" not in looked({"unit": "orders.service"}, shown("activating"), earlier)


@pytest.mark.parametrize("unit", ["", shown(load="not-found")])
def test_a_unit_that_systemd_does_not_know_has_failed(unit: str) -> None:
    found = looked({"unit": "idle.service"}, unit)
    assert found == {"failed": 1, "scheduled": 0, "age_limit_seconds": 100, "last_success_timestamp_seconds": 0}


def test_the_newest_file_is_told_and_without_a_unit_it_is_the_success(tmp_path: Path) -> None:
    for name, written, size in (("1.dump", ENDED - 86400, 9), ("2.dump", ENDED, 7)):
        (tmp_path / name).write_bytes(b"x" * size)
        os.utime(tmp_path / name, (0, written))
    found = looked({"path": f"{tmp_path}/*.dump"})
    files = {"newest_timestamp_seconds": ENDED, "newest_bytes": 7, "files": 2}
    assert found == {**files, "age_limit_seconds": 100, "last_success_timestamp_seconds": ENDED}
    both = looked({"path": f"{tmp_path}/*.dump", "unit": "orders.service"}, shown("failed", "exit-code"))
    assert both["last_success_timestamp_seconds"] == 0 and both["newest_timestamp_seconds"] == ENDED
    none = looked({"path": f"{tmp_path}/*.tar"})
    assert none["newest_timestamp_seconds"] == none["files"] == none["last_success_timestamp_seconds"] == 0 and "newest_bytes" not in none


def test_a_systemd_without_json_knows_no_timer() -> None:
    assert backup.next_runs("NEXT LEFT") == {}


def test_it_runs_as_a_program_of_its_own(tmp_path: Path) -> None:
    program, options = tmp_path / "program", tmp_path / "options.json"
    program.write_text(plain_program("collectors.backup"))
    program.chmod(0o755)
    options.write_text(json.dumps({"backups": {"own": {"path": str(program), "unit": None, "age": 60}}}))
    done = subprocess.run([program, options, tmp_path / "none.prom"], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert 'groundwork_backup_files{backup="own"} 1\n' in done.stdout and done.stdout.endswith("\n")
    wrong = subprocess.run([program, tmp_path / "gone.json", "x"], check=False, capture_output=True, text=True)
    assert wrong.returncode == 2 and "gone.json" in wrong.stderr and not wrong.stdout
