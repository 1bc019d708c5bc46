# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from pathlib import Path

from ansible_collections.groundwork.fleet.plugins.module_utils import log_keeper, log_metrics, log_spool

from tests.unit.plugins.module_utils.test_log_keeper import configuration, out

__all__ = ["out"]


def test_statistics_become_metrics(out: Path) -> None:
    stats = [
        {"name": "send", "origin": "core.action", "processed": 100, "failed": 3, "suspended.duration": 7},
        {"name": "send", "origin": "core.queue", "discarded.full": 0, "discarded.nf": 2},
    ]
    (out / "state" / "stats").write_text("".join("Thu Nov 26: %s\n" % json.dumps(one) for one in stats) + "half {")
    collect = [{"name": "/a.log", "origin": "imfile", "submitted": 5}, {"name": "out", "origin": "core.action", "failed": 1}]
    (out.parent / "collect" / "stats").write_text("".join("x: %s\n" % json.dumps(one) for one in collect))
    (out / "dead-letters.log").write_text("a\nb\n")
    found = log_metrics.to_textfile(log_keeper.look(configuration(out), 1795691100.0, lambda _text: None))
    for line in (
        'groundwork_logs_queue_bytes{output="out"} 600',
        'groundwork_logs_queue_oldest_seconds{output="out"} 100',
        'groundwork_logs_sent_lines_total{output="out"} 97',
        'groundwork_logs_suspended_seconds_total{output="out"} 7',
        'groundwork_logs_queue_discarded_lines_total{output="out"} 2',
        'groundwork_logs_dead_letters_total{output="out"} 2',
        'groundwork_logs_read_lines_total{input="imfile /a.log"} 5',
        'groundwork_logs_failed_writes_total{output="out"} 1',
        "groundwork_logs_last_run_seconds 1795691100",
    ):
        assert line + "\n" in found


def test_what_flows_count_becomes_metrics(out: Path) -> None:
    place, stats = out.parent / "collect", out.parent / "collect" / "stats"
    counters = ["limited:a:app:shop", "unparsed:a:app:"]
    stats.write_text("")
    assert list(log_metrics.of_collector(str(place), counters)) == [], "0 would look as if it had begun anew"
    told = [
        {"name": "global", "origin": "dynstats", "values": {"groundwork.no_metric": 0}},
        {"name": "groundwork", "origin": "dynstats.bucket", "values": {"limited:a:app:shop": 7}},
    ]
    stats.write_text("".join("x: %s\n" % json.dumps(one) for one in told))
    found = log_keeper.look({**configuration(out), "counters": counters}, 1795691100.0, lambda _text: None)
    text = log_metrics.to_textfile(found)
    assert 'groundwork_logs_limited_lines_total{flow="a",input="app",service="shop"} 7\n' in text
    assert 'groundwork_logs_unparsed_lines_total{flow="a",input="app"} 0\n' in text


def test_what_an_own_sender_counts_has_the_same_names(out: Path) -> None:
    places = log_spool.Places(str(out))
    first = log_spool.segments(str(out))[0]
    places.sent, places.counts = {"179569100.log": (first.inode, first.size)}, {"sent": 10.0, "failed": 2.0}
    places.write()
    found = log_metrics.to_textfile(log_keeper.look(configuration(out, lines=0), 1795691100.0, lambda _text: None))
    for line in ('queue_bytes{output="out"} 480', 'sent_lines_total{output="out"} 10', 'failed_sends_total{output="out"} 2'):
        assert "groundwork_logs_" + line + "\n" in found
    assert 'groundwork_logs_suspended_seconds_total{output="out"} 0\n' in found
    assert not (out / "segments" / "179569100.log").exists() and not (out / "kept.log").exists(), "nothing of it is sent again"
