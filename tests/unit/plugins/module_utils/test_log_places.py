# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_bolt, log_drain, log_journal, log_keeper, log_places, log_spool


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(log_journal, "cursors", lambda *options: ["newest" if options == ("--lines=1",) else "earlier"])
    (tmp_path / "s" / "collect").mkdir(parents=True)
    return tmp_path / "s"


def noted(state: Path, path: Path, offset: int, **more: object) -> None:
    note = {"filename": str(path), "prev_was_nl": 0, "curr_offs": offset, "strt_offs": offset, **more}
    (state / "collect" / ("imfile-state:%d" % path.stat().st_ino)).write_text(json.dumps(note))  # as of a file of less than 512 bytes


def known(state: Path, name: str = "a") -> list[log_places.Known]:
    return log_places.decoded(log_places.noted(log_places.names_of(str(state), name)).get(log_places.FILES, b""))


def test_a_note_of_the_collector_is_read_and_made() -> None:
    files = [log_places.Known(b"first" * 100, 3_000_000_000), log_places.Known(b"second", 0)]
    assert log_places.decoded(log_places.encoded(files)) == files
    other = b"\x0a\x1a\x0a\x05\x0a\x03abc\x10\x07\x18\x02\x28\x01\x32\x04\x08\x01\x10\x02\x3a\x00\x45abcd"  # as the collector makes them
    assert log_places.decoded(other) == [log_places.Known(b"abc", 7)]
    with pytest.raises(log_bolt.Damaged):
        log_places.decoded(b"\x0a")


def test_the_collector_goes_on_where_rsyslog_stopped(state: Path, tmp_path: Path) -> None:
    log, old, older = tmp_path / "a.log", tmp_path / "a.log.1", tmp_path / "a.log.2.gz"
    log.write_text("one\ntwo\nthr")
    old.write_text("gone\n")
    older.write_text("packed\n")
    noted(state, log, 11, prev_line_segment="thr", strt_offs=8)
    (state / "collect" / "imjournal.state").write_text("s=1;i=2")
    told = list(log_places.before_collector(str(state), {"a": [str(log)]}, 64))
    assert told == ["input a: taken over from rsyslog, 2 files"]
    assert known(state) == [log_places.Known(b"one\ntwo\nthr", 8), log_places.Known(b"gone\n", 5)]
    assert log_bolt.read(str(state / "otelcol" / "places" / log_places.JOURNAL_RECEIVER)) == {log_places.CURSOR: b"s=1;i=2"}
    assert not list((state / "collect").iterdir()), "rsyslog must not believe old notes when it comes back"


def test_a_note_of_a_file_that_had_the_inode_before_does_not_count(state: Path, tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("new\n" * 500)
    noted(state, log, 1200)
    [stale] = (state / "collect").iterdir()
    stale.rename(str(stale) + ":0123456789abcdef")
    list(log_places.before_collector(str(state), {"a": [str(log)]}, 64))
    assert known(state) == [], "it is read from its beginning"


def test_rsyslog_goes_on_where_the_collector_stopped(state: Path, tmp_path: Path) -> None:
    log, old = tmp_path / "a.log", tmp_path / "a.log.1"
    log.write_text("one\ntwo\nthree\n")
    old.write_text("read\nunread\n")
    folder = state / "otelcol" / "places"
    folder.mkdir(parents=True)
    entries = [log_places.Known(b"one\n", 8), log_places.Known(b"read\nun", 5)]
    log_bolt.write(str(folder / "receiver_file_log_a"), {log_places.FILES: log_places.encoded(entries)})
    log_bolt.write(str(folder / log_places.JOURNAL_RECEIVER), {log_places.CURSOR: b"s=9"})
    assert list(log_places.before_rsyslog(str(state), {"a": [str(log)]})) == ["input a: taken over from the collector, 2 files"]
    [note] = log_spool.read_states(str(state / "collect"))
    assert (note.inode, note.name, note.offset) == (log.stat().st_ino, str(log), 8)
    assert [one.read_text() for one in (state / "recovered" / "a").iterdir()] == ["unread\n"]
    assert (state / "collect" / "imjournal.state").read_text() == "s=9" and not folder.exists()
    assert list(log_places.before_rsyslog(str(state), {"a": [str(log)]})) == []


def test_a_first_start_reads_files_from_the_beginning_and_the_journal_from_now_on(state: Path, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("one\n")
    (tmp_path / "a.log.1").write_text("before\n")
    assert list(log_places.before_collector(str(state), {"a": [str(tmp_path / "a.log")]}, 0)) == []
    assert known(state) == [log_places.Known(b"before\n", 7)]
    journal = str(state / "otelcol" / "places" / log_places.JOURNAL_RECEIVER)
    assert log_bolt.read(journal)[log_places.CURSOR] == b"newest"
    list(log_places.before_collector(str(state), {"a": [str(tmp_path / "a.log")]}, 0))
    assert log_bolt.read(journal)[log_places.CURSOR] == b"newest", "an end as it should be doubles nothing"
    list(log_places.before_collector(str(state), {"a": [str(tmp_path / "a.log")]}, 64))
    assert log_bolt.read(journal)[log_places.CURSOR] == b"earlier"


def test_a_collector_that_fails_to_start_again_and_again_goes_back_once(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back: list[str] = []

    def cursors(*options: str) -> list[str]:
        back.append(options[0])
        return ["s=0"] if options == ("--lines=1",) else ["s=3", "s=2", "s=1"]

    monkeypatch.setattr(log_journal, "cursors", cursors)
    monkeypatch.setattr(log_drain, "give", lambda *_words: None)
    (tmp_path / "a.log").write_text("one\ntwo\n")
    configuration = {
        "state": str(state),
        "inputs": {"a": [str(tmp_path / "a.log")]},
        "outputs": {},
        "lines": 64,
        "rsyslog_lines": 9,
        "user": "",
    }
    journal, files = state / "otelcol" / "places" / log_places.JOURNAL_RECEIVER, state / "otelcol" / "places" / "receiver_file_log_a"
    log_keeper.before_collector(configuration)
    for cursor in (b"s=6", b"s=7"):
        log_bolt.write(str(journal), {log_places.CURSOR: cursor})
        back.clear()
        for _start in range(3):
            log_keeper.before_collector(configuration)
        assert back == ["--cursor=" + cursor.decode()] and log_bolt.read(str(journal))[log_places.CURSOR] == b"s=1"
    log_bolt.write(str(files), {log_places.FILES: log_places.encoded([log_places.Known(b"one\ntwo\n", 4)])})
    log_bolt.write(str(journal), {log_places.CURSOR: b"s=3"})
    log_keeper.before_collector(configuration)
    assert log_bolt.read(str(journal))[log_places.CURSOR] == b"s=1", "not from before the run began"
    back.clear()
    log_bolt.write(str(files), {log_places.FILES: log_places.encoded([log_places.Known(b"one\ntwo\n", 8)])})
    log_keeper.before_collector(configuration)
    assert back, "it read a file"


def test_the_file_whose_beginning_is_known_best_counts() -> None:
    known_files = [log_places.Known(b"ab", 2), log_places.Known(b"abcd", 4), log_places.Known(b"x", 1), log_places.Known(b"", 9)]
    assert log_places.place_of(b"abcdef", known_files) == 4 and log_places.place_of(b"abX", known_files) == 2
    assert log_places.place_of(b"new", known_files) is None


def test_a_damaged_note_is_put_aside(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("no")
    assert log_places.noted([str(tmp_path / "f")]) == {} and (tmp_path / "f.damaged").exists()
