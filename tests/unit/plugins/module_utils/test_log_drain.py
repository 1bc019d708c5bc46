# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_bolt, log_drain, log_spool, processes


def is_chosen() -> bool:
    return True


TOLD = """# HELP otelcol_exporter_queue_size x
otelcol_exporter_queue_size{data_type="logs",exporter="otlp_http/a"} 100
otelcol_exporter_queue_capacity{data_type="logs",exporter="otlp_http/a"} 1e+07
otelcol_exporter_sent_log_records{exporter="otlp_http/a",server_address="h",url_path="/v1/logs"} 7
otelcol_exporter_sent_log_records{exporter="otlp_http/a",server_address="i",url_path="/v1/logs"} 3
otelcol_exporter_enqueue_failed_log_records_total{exporter="otlp_http/a"} 2
otelcol_receiver_accepted_log_records{receiver="file_log/x",transport=""} 4008
up 1
"""


def test_the_collector_speaks_with_the_names_of_the_textfile() -> None:
    memory: dict[str, tuple[float, float]] = {}
    found = {(name, *labels.values()): value for name, labels, value in log_drain.metrics(TOLD, ["a", "none"], memory, 50.0)}
    assert found == {
        ("queue_bytes", "a"): 100,
        ("queue_limit_bytes", "a"): 1e7,
        ("queue_oldest_seconds", "a"): 0,
        ("sent_lines_total", "a"): 10,
        ("dead_letters_total", "a"): 0,
        ("dropped_lines_total", "a"): 2,
        ("read_lines_total", "x"): 4008,
    }
    later = {name: value for name, _labels, value in log_drain.metrics(TOLD, ["a"], memory, 80.0)}
    assert later["queue_oldest_seconds"] == 30, "so long nothing was sent though lines wait"


def test_an_output_is_proven_where_its_queue_is_empty_or_moves() -> None:
    empty = TOLD.replace('otlp_http/a"} 100', 'otlp_http/a"} 0')
    assert log_drain.proven(["a"], 5, lambda: empty, lambda _seconds: None) == []
    answers = iter([TOLD, TOLD.replace("} 7", "} 8")])
    assert log_drain.proven(["a"], 5, lambda: next(answers), lambda _seconds: None) == []
    assert log_drain.proven(["a"], 0, lambda: TOLD, lambda _seconds: None) == ["a"]
    assert log_drain.proven(["a"], 0, lambda: "", lambda _seconds: None) == ["a"]


def test_bounds_are_those_declared_or_a_share_of_what_is_free(tmp_path: Path) -> None:
    (tmp_path / "otelcol" / "queue").mkdir(parents=True)
    output = {"bound": 0, "share": 0.1, "most": 5 << 20}
    log_drain.write_bounds({"state": str(tmp_path), "outputs": {"a": {**output, "bound": 7 << 20}, "b": output}})
    text = (tmp_path / "otelcol" / "bounds.env").read_text()
    assert text == "GROUNDWORK_LOG_BOUND_A=%d\nGROUNDWORK_LOG_BOUND_B=%d\n" % (7 << 20, 5 << 20)


def test_a_queue_holds_something_where_there_is_more_than_its_ends(tmp_path: Path) -> None:
    queue = tmp_path / "otelcol" / "queue"
    assert not log_drain.has_queue(str(tmp_path))
    queue.mkdir(parents=True)
    log_bolt.write(str(queue / "exporter_x"), {b"qmv0": b"1"})
    assert not log_drain.has_queue(str(tmp_path))
    log_bolt.write(str(queue / "exporter_y"), {b"qmv0": b"1", b"5": b"record"})
    assert log_drain.has_queue(str(tmp_path))
    (queue / "exporter_y").write_text("no")
    assert log_drain.has_queue(str(tmp_path)), "the collector shall say what is wrong with it"


def test_what_waits_is_sent_before_the_collector_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(processes, "answer", lambda words, _timeout: (asked.append(words), (3, ""))[1])
    monkeypatch.setattr(log_drain, "UNITS", str(tmp_path / "units"))
    monkeypatch.setattr(log_drain, "PLACE", str(tmp_path / "place"))
    queue = tmp_path / "s" / "otelcol" / "queue"
    for folder in (queue, tmp_path / "units", tmp_path / "place" / "secrets"):
        folder.mkdir(parents=True)
    (tmp_path / "units" / log_drain.DRAIN).touch()
    (tmp_path / "place" / "drain.json").touch()
    log_bolt.write(str(queue / "exporter_y"), {b"5": b"record"})
    state, memory = str(tmp_path / "s"), {}
    assert log_drain.start(state) and ["systemctl", "start", "--no-block", log_drain.DRAIN] in asked
    assert not log_drain.finish(state, TOLD, memory, 10.0, is_chosen)
    log_bolt.write(str(queue / "exporter_y"), {b"qmv0": b"1"})
    assert not log_drain.finish(state, "", memory, 20.0, is_chosen) and not log_drain.finish(state, "", memory, 30.0, is_chosen)
    assert not log_drain.finish(state, "", dict(memory), 41.0, lambda: False), "the collector was chosen again"
    assert (tmp_path / "place" / "drain.json").exists()
    assert log_drain.finish(state, "", memory, 41.0, is_chosen)
    left = sorted(path.name for path in tmp_path.rglob("*"))
    assert left == ["place", "s", "units"]


def test_a_sender_goes_when_its_segments_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    listed = "groundwork-log-sender-a.service loaded active running x\ngroundwork-log-sender-b.service loaded active running x\n"
    monkeypatch.setattr(processes, "answer", lambda words, _timeout: (asked.append(words), (0, listed))[1])
    segment = tmp_path / "b" / "segments" / "179570000.log"
    segment.parent.mkdir(parents=True)
    (tmp_path / "a" / "segments").mkdir(parents=True)
    segment.write_text("waits\n")
    said: list[str] = []
    found = list(log_drain.finish_senders(str(tmp_path), segment.stat().st_mtime + 100, said.append, is_chosen))
    assert found == [("queue_bytes", {"output": "b"}, 6.0)] and said == ["all that waited in rsyslog for a is sent"]
    assert [words[-1] for words in asked if "disable" in words] == ["groundwork-log-sender-a.service"]


@pytest.mark.parametrize("answers", [[False, False], [True, False]])
def test_a_sender_stays_that_is_written_anew_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: list[bool]) -> None:
    """A run that goes back to rsyslog has written the configuration first, then the units: none of them goes any more."""
    monkeypatch.setattr(processes, "answer", lambda _words, _timeout: (0, "groundwork-log-sender-a.service loaded active running x\n"))
    monkeypatch.setattr(log_drain, "UNITS", str(tmp_path))
    unit, segments = tmp_path / "groundwork-log-sender-a.service", tmp_path / "a" / "segments"
    unit.touch()
    segments.mkdir(parents=True)
    left = iter(answers)
    assert not list(log_drain.finish_senders(str(tmp_path), 10.0, str, lambda: next(left)))
    assert unit.exists() and segments.exists()


def test_what_belongs_to_the_collector_is_given_to_it(tmp_path: Path) -> None:
    (tmp_path / "f").touch()
    log_drain.give(str(tmp_path), pwd.getpwuid(os.getuid()).pw_name)
    with pytest.raises(LookupError):
        log_drain.give(str(tmp_path), "nobody-of-that-name")


def test_an_own_sender_stays_until_it_has_noted_all_as_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its notes and those of rsyslog are one to who changes the engine."""
    folder = tmp_path / "cloud"
    (folder / "segments").mkdir(parents=True)
    path = folder / "segments" / "100000000.log"
    path.write_text("a\nb\n")
    places = log_spool.Places(str(folder))
    places.sent = {path.name: (path.stat().st_ino, 2)}
    places.write()
    monkeypatch.setattr(log_drain, "senders", lambda: ["cloud"])
    stopped: list[str] = []
    monkeypatch.setattr(processes, "answer", lambda command, _seconds: (stopped.append(command[-1]), (0, ""))[1])
    later = path.stat().st_mtime + 100
    told = list(log_drain.finish_senders(str(tmp_path), later, lambda _text: None, is_chosen))
    assert told == [("queue_bytes", {"output": "cloud"}, 2.0)] and not stopped
    places.sent = {path.name: (path.stat().st_ino, 4)}
    places.write()
    assert list(log_drain.finish_senders(str(tmp_path), later, lambda _text: None, is_chosen)) == []
    assert stopped == ["groundwork-log-sender-cloud.service"] and not path.exists()
