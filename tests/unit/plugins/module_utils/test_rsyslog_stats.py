# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from pathlib import Path

from ansible_collections.groundwork.fleet.plugins.module_utils import rsyslog_stats


def test_the_newest_of_each_object_counts(tmp_path: Path) -> None:
    path = tmp_path / "stats"
    told = [
        {"name": "send", "origin": "core.action", "processed": 1},
        {"name": "send", "origin": "core.action", "processed": 2},
        {"name": "groundwork", "origin": "dynstats.bucket", "values": {"limited:a:b:": 3}},
    ]
    path.write_text("".join("Thu Nov 26: %s\n" % json.dumps(one) for one in told) + "half {")
    found = rsyslog_stats.statistics(str(path))
    assert found["core.action", "send"] == {"processed": 2} and found["dynstats.bucket", "groundwork"] == {"limited:a:b:": 3}
    assert rsyslog_stats.statistics(str(tmp_path / "none")) == {}


def test_statistics_do_not_grow(tmp_path: Path) -> None:
    path = tmp_path / "stats"
    path.write_text("x" * (rsyslog_stats.STATS_BYTES + 1))
    rsyslog_stats.statistics(str(path))
    assert path.stat().st_size == 0
