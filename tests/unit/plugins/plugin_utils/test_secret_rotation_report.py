# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_rotation, secret_rotation_report, secrets
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_keeper import Age
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_rotation_state import State

NOW = datetime(2027, 1, 1, tzinfo=UTC)
DB = "secret://file/db"


def test_plan_report_and_metrics() -> None:
    every = secret_rotation.gathered(
        {"web-1": [("x", DB + "?generate=token&rotate_after=90d"), ("y", "secret://env/X")]}, None, secrets.configured(None)
    )
    ages = {DB: Age((NOW - timedelta(days=100)).timestamp(), True), "secret://env/X": Age()}
    decisions = secret_rotation.decided(every, ages, frozenset(), {"secret://env/X": 1.0}, NOW)
    plan = secret_rotation_report.plan_lines(decisions, every, State())
    steps = "write a new version; make it the current one; deploy to web-1 and prove these healthy; retire the old one"
    assert plan[1] == DB + " is due: " + steps
    assert secret_rotation_report.table(decisions, NOW) == [
        "SECRET            BACKEND  AGE      DUE               STATE",
        "secret://env/X    env      unknown  -                 goes on where it was broken off",
        "secret://file/db  file     100 d    2026-12-22 00:00  is due",
    ]
    changed = int((NOW - timedelta(days=100)).timestamp())
    lines = secret_rotation_report.to_textfile(decisions, NOW).splitlines()
    assert 'groundwork_secret_timestamp_seconds{name="file/db",backend="file"} %d' % changed in lines
    assert 'groundwork_secret_due_timestamp_seconds{name="file/db",backend="file"} %d' % (changed + 90 * 86400) in lines
    assert 'groundwork_secret_limit_seconds{name="file/db",backend="file"} %d' % (90 * 86400) in lines
    assert [line for line in lines if "env/X" in line] == [
        'groundwork_secret_rotation_begun_timestamp_seconds{name="env/X",backend="env"} 1'
    ]
