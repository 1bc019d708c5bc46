# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_units


def test_what_sends_goes_back_before_it_starts_and_is_started_for_ever() -> None:
    found = log_units.sender("out", ["rsyslogd", "-f", "/c"], "/s", "/bin/spool /c.json", ProtectSystem="full")
    own = found["Service"]
    assert own["ExecStartPre"] == "/bin/spool /c.json before-send out" and own["ExecStopPost"] == "/bin/spool /c.json after-send out"
    assert (own["Restart"], own["ReadWritePaths"], own["ProtectSystem"]) == ("always", "/s", "full")
    assert found["Unit"]["StartLimitIntervalSec"] == "0"


def test_the_keeper_writes_where_it_is_told() -> None:
    own = log_units.keeper("/bin/spool /c.json", "/a /b")["Service"]
    assert own["ExecStart"] == "/bin/spool /c.json keep" and own["ReadWritePaths"] == "/a /b" and own["MemoryMax"] == "256M"
