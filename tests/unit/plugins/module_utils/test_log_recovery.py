# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_journal, log_recovery, log_spool, processes
from ansible_collections.groundwork.fleet.plugins.plugin_utils.health_program import plain_program

from tests.unit.plugins.module_utils.test_log_spool import lines, note

AGAIN = 3


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("collect", "recovered", "out/segments", "out/state", "logs"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setattr(processes, "answer", lambda *_command: (1, ""))
    monkeypatch.setattr(log_journal, "PAUSE", 0)
    return tmp_path


def begin(folder: Path, lines_again: int = AGAIN) -> dict[str, int]:
    return log_recovery.begin_collecting(str(folder), {"app": [str(folder / "logs" / "*.log")]}, lines_again)


def recovered(folder: Path) -> str:
    return "".join(path.read_text() for path in sorted((folder / "recovered").rglob("*.log")))


def test_an_end_as_it_should_be_rewinds_nothing(folder: Path) -> None:
    path = folder / "logs" / "a.log"
    path.write_text(lines(10))
    note(folder / "collect", path, 120)
    assert begin(folder) == {}
    assert log_recovery.ended(str(folder / "collect"), "success", needs_quiet=False)
    assert begin(folder) == {} and log_spool.read_states(str(folder / "collect"))[0].offset == 120


def test_an_unclean_end_rewinds_each_file(folder: Path) -> None:
    path = folder / "logs" / "a.log"
    path.write_text(lines(10))
    note(folder / "collect", path, 36)
    begin(folder)
    note(folder / "collect", path, 96)
    assert not log_recovery.ended(str(folder / "collect"), "signal", needs_quiet=False)
    assert begin(folder) == {str(path): 3}
    assert log_spool.read_states(str(folder / "collect"))[0].offset == 60


def test_what_fails_to_start_again_and_again_rewinds_once(folder: Path) -> None:
    path = folder / "logs" / "\udce4.log"  # a name that is not UTF-8
    path.write_text(lines(10))
    begin(folder)
    note(folder / "collect", path, 96)
    assert begin(folder) == {str(path): 3}
    for _start in range(5):
        assert not log_recovery.ended(str(folder / "collect"), "exit-code", needs_quiet=False)
        assert begin(folder) == {}
    assert log_spool.read_states(str(folder / "collect"))[0].offset == 60
    note(folder / "collect", path, 108)
    assert begin(folder) == {str(path): 3}, "it read on, and did not end as it should"


def test_a_sender_that_fails_to_start_again_and_again_rewinds_once(folder: Path) -> None:
    segment = folder / "out" / "segments" / "1795691000.log"
    segment.write_text(lines(10))
    log_recovery.begin_sending(str(folder / "out"), AGAIN)
    note(folder / "out" / "state", segment, 96)
    assert [log_recovery.begin_sending(str(folder / "out"), AGAIN) for _start in range(3)] == [3, 0, 0]
    assert log_spool.read_states(str(folder / "out" / "state"))[0].offset == 60


def test_what_is_missing_comes_from_the_rotated_file(folder: Path) -> None:
    begin(folder)
    path = folder / "logs" / "a.log"
    (folder / "logs" / "a.log.1").write_text(lines(10))
    path.write_text(lines(1, first=10))
    note(folder / "collect", path, 12)
    assert begin(folder) == {str(path): 3}
    assert recovered(folder) == lines(2, first=8)


def test_a_file_that_was_rotated_while_nobody_read_is_read_to_its_end(folder: Path) -> None:
    path = folder / "logs" / "a.log"
    path.write_text(lines(10))
    noted = note(folder / "collect", path, 60)
    begin(folder)
    log_recovery.ended(str(folder / "collect"), "success", needs_quiet=False)
    os.rename(path, folder / "logs" / "a.log.2")
    (folder / "logs" / "a.log.1").write_text(lines(2, first=10))  # came and went meanwhile
    os.utime(folder / "logs" / "a.log.2", (1, 1))
    path.write_text(lines(2, first=12))
    assert begin(folder) == {str(path): 7}
    assert recovered(folder) == lines(7, first=5) and not noted.exists()


def test_a_rotated_file_may_be_compressed(folder: Path) -> None:
    path = folder / "logs" / "a.log"
    path.write_text(lines(10))
    note(folder / "collect", path, 60)
    with gzip.open(folder / "logs" / "a.log.1.gz", "wb") as stream:
        stream.write(lines(10).encode())
    path.unlink()
    begin(folder)
    assert recovered(folder) == lines(5, first=5)


def test_a_truncated_file_is_read_from_its_beginning(folder: Path) -> None:
    path = folder / "logs" / "a.log"
    path.write_text(lines(10))
    note(folder / "collect", path, 120)
    path.write_text(lines(1))
    begin(folder)
    assert log_spool.read_states(str(folder / "collect"))[0].offset == 0 and recovered(folder) == ""


def test_a_file_that_was_rotated_away_before_it_was_opened_again_is_fetched(folder: Path) -> None:
    path = folder / "logs" / "a.log"
    path.write_text(lines(10))
    noted = note(folder / "collect", path, 60)
    inputs = {"app": [str(folder / "logs" / "*.log")]}
    assert log_recovery.fetch_strays(str(folder), inputs, noted.stat().st_mtime + 60) == {}
    os.rename(path, folder / "logs" / "a.log.1")
    path.write_text(lines(1))
    assert log_recovery.fetch_strays(str(folder), inputs, noted.stat().st_mtime + 5) == {}
    assert log_recovery.fetch_strays(str(folder), inputs, noted.stat().st_mtime + 60) == {str(path): 5}
    assert recovered(folder) == lines(5, first=5) and not noted.exists()


def test_the_journal_is_rewound_and_first_begun_at_its_end(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def answer(command: list[str], _seconds: float) -> tuple[int, str]:
        asked.append(command)
        return 0, "__CURSOR=s=3\n_PID=1\n\n__CURSOR=s=2\n"

    monkeypatch.setattr(processes, "answer", answer)
    begin(folder)
    assert "--lines=1" in asked[0]
    (folder / "collect" / "imjournal.state").write_text("s=9")
    assert begin(folder) == {"journal": 2}
    assert "--cursor=s=9" in asked[1] and (folder / "collect" / "imjournal.state").read_text() == "s=2"


def test_the_journal_is_not_read_again_from_before_the_run_began(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "collect" / "imjournal.state").write_text("s=1")
    begin(folder)
    (folder / "collect" / "imjournal.state").write_text("s=3")
    monkeypatch.setattr(processes, "answer", lambda *_command: (0, "__CURSOR=s=3\n__CURSOR=s=2\n__CURSOR=s=1\n__CURSOR=s=0\n"))
    assert begin(folder, 9) == {"journal": 3}
    assert (folder / "collect" / "imjournal.state").read_text() == "s=1"


def test_a_sender_begins_again_across_segments_and_what_is_kept_of_those_gone(folder: Path) -> None:
    out = folder / "out"
    for number in range(2):
        path = out / "segments" / ("17956910%d.log" % number)
        path.write_text(lines(2, first=10 + 2 * number))
    (out / "kept.log").write_text(lines(10))
    assert log_recovery.begin_sending(str(out), 5) == 0
    for number in range(2):
        note(out / "state", out / "segments" / ("17956910%d.log" % number), 24 if number == 0 else 12)
    (out / "state" / "queue.qi").touch()
    assert log_recovery.begin_sending(str(out), 5) == 5
    assert [one.offset for one in log_spool.read_states(str(out / "state"))] == [0, 0]
    first = log_spool.segments(str(out))[0]
    assert Path(first.path).read_text() == lines(2, first=8) and not (out / "kept.log").exists()
    assert not (out / "state" / "queue.qi").exists()


def sent(folder: Path, **segments: tuple[int, int]) -> Path:
    """Make a sender that has begun, and has read segments since: their name to how many lines they have and how many were read."""
    log_recovery.begin_sending(str(folder / "out"), AGAIN)
    for number, (name, (count, read)) in enumerate(segments.items()):
        path = folder / "out" / "segments" / (name.lstrip("s") + ".log")
        path.write_text(lines(count))
        os.utime(note(folder / "out" / "state", path, 12 * read), (number + 1, number + 1))
    return folder / "out"


def offsets(out: Path) -> dict[str, int]:
    """Return to how many lines each segment is read."""
    return {Path(one.name).stem: one.offset // 12 for one in log_spool.read_states(str(out / "state"))}


def test_a_note_of_a_segment_that_is_gone_does_not_hide_that_of_the_one_that_got_its_inode(folder: Path) -> None:
    """So 33 lines were once lost: a new segment was taken for one that had been read, and the one before was not begun again."""
    out = sent(folder, s179569100=(10, 10))
    new = out / "segments" / "179569101.log"
    new.write_text(lines(20, first=10))
    gone = out / "state" / ("imfile-state:%d:ffffffffffffffff" % new.stat().st_ino)
    gone.write_text(note(out / "state", new, 60).read_text().replace("179569101", "179569000"))
    (out / "state" / ("imfile-state:%d:0123456789abcdef" % new.stat().st_ino)).unlink()
    assert log_recovery.begin_sending(str(out), AGAIN) == AGAIN
    assert offsets(out) == {"179569100": 7} and not gone.exists()


def test_the_lines_to_be_sent_again_are_shared_by_the_two_segments_that_were_read_last(folder: Path) -> None:
    out = sent(folder, s179569101=(10, 10), s179569102=(10, 10), s179569100=(10, 10))
    assert log_recovery.begin_sending(str(out), 6) == 6
    assert offsets(out) == {"179569100": 7, "179569101": 10, "179569102": 7}, "the clock was set back meanwhile"


def test_nothing_is_read_again_that_the_run_before_did_not_read(folder: Path) -> None:
    """So whatever dies again and again gets on."""
    out, path = sent(folder, s179569100=(10, 2)), folder / "logs" / "a.log"
    path.write_text(lines(10))
    note(folder / "collect", path, 24)
    assert log_recovery.begin_sending(str(out), AGAIN) == 2 and begin(folder) == {}
    for done in (1, 2, 4):
        note(out / "state", out / "segments" / "179569100.log", 12 * done)
        note(folder / "collect", path, 24 + 12 * done)
        assert (log_recovery.begin_sending(str(out), AGAIN), begin(folder)) == (min(done, AGAIN), {str(path): min(done, AGAIN)})
    assert recovered(folder) == "", "what was there before it began was read"


def test_a_note_that_a_kill_has_left_empty_is_written_anew(folder: Path) -> None:
    out, path = sent(folder, s179569100=(10, 6)), folder / "logs" / "a.log"
    path.write_text(lines(10))
    begin(folder)
    empty = [note(folder / "collect", path, 72), out / "state" / Path(log_spool.read_states(str(out / "state"))[0].path).name]
    for state in empty:
        log_spool.keep_places(str(state.parent))
        state.write_text("")
        log_spool.keep_places(str(state.parent))
    assert (log_recovery.begin_sending(str(out), AGAIN), begin(folder)) == (AGAIN, {str(path): AGAIN})
    assert offsets(out) == {"179569100": 3} and log_spool.read_states(str(folder / "collect"))[0].offset == 36


def test_a_line_in_the_middle_of_which_a_kill_came_is_ended(folder: Path) -> None:
    begin(folder)
    segment = folder / "out" / "segments" / "179569100.log"
    segment.write_text(lines(2) + "line")
    begin(folder)
    begin(folder)
    assert segment.read_text() == lines(2) + "line\n"


def test_the_program_of_the_host_does_it_too(folder: Path) -> None:
    """It has a light `typing`, in which there was no `cast` once: it ended where a rotated file was compressed."""
    program, path, gone = folder / "program", folder / "logs" / "a.log", folder / "logs" / "b.log"
    program.write_text(plain_program("log_keeper", sys.executable))
    (folder / "journalctl").write_text("#!/bin/sh\necho __CURSOR=s=1\n")
    (folder / "journalctl").chmod(0o755)
    configuration = {"state": str(folder), "inputs": {"app": [str(folder / "logs" / "*.log")]}, "lines": AGAIN}
    (folder / "spool.json").write_text(json.dumps({**configuration, "outputs": {"out": {"lines": AGAIN}}}))
    words = [
        [sys.executable, "-IS", str(program), str(folder / "spool.json"), *more] for more in (["before-collect"], ["before-send", "out"])
    ]
    segment = folder / "out" / "segments" / "179569100.log"
    for one in (path, gone, segment):
        one.write_text(lines(10))
    for command in words:
        assert subprocess.run(command, env={"PATH": str(folder)}, capture_output=True, check=False).returncode == 0
    note(folder / "out" / "state", segment, 72)
    for one in (path, gone):
        note(folder / "collect", one, 72)
    with gzip.open(folder / "logs" / "b.log.1.gz", "wb") as stream:
        stream.write(lines(10).encode())
    gone.unlink()
    said = [subprocess.run(command, env={"PATH": str(folder)}, capture_output=True, check=False, text=True) for command in words]
    assert "3 lines of %s again" % path in said[0].stdout and "3 lines are sent again" in said[1].stdout, said
    assert {one.offset for one in log_spool.read_states(str(folder / "collect"))} == {36} and offsets(folder / "out") == {"179569100": 3}
    assert recovered(folder) == lines(7, first=3)


def proc(folder: Path, *rows: str) -> str:
    (folder / "net").mkdir(exist_ok=True)
    (folder / "net" / "tcp").write_text("head\n" + "".join("0: 0100007F:9C40 0100007F:09D2 %s 00:0 0\n" % row for row in rows))
    return str(folder)


def test_a_connection_with_all_of_it_received_is_quiet(folder: Path) -> None:
    assert log_recovery.is_quiet(2514, proc(folder, "01 00000000:00000000"))
    assert not log_recovery.is_quiet(2514, proc(folder, "01 00000010:00000000"))
    assert not log_recovery.is_quiet(2514, proc(folder, "08 00000000:00000000"))
    assert not log_recovery.is_quiet(2515, proc(folder, "01 00000000:00000000"))
    assert not log_recovery.is_quiet(2514, proc(folder))


def test_a_sender_ends_as_it_should_only_where_it_was_quiet(folder: Path) -> None:
    out = folder / "out"
    log_recovery.begin_sending(str(out), 5)
    assert not log_recovery.ended(str(out / "state"), "success", needs_quiet=True)
    log_recovery.about_to_stop(str(out), quiet=False)
    assert not log_recovery.ended(str(out / "state"), "success", needs_quiet=True)
    log_recovery.about_to_stop(str(out), quiet=True)
    (out / "state" / "queue.qi").touch()
    assert not log_recovery.ended(str(out / "state"), "success", needs_quiet=True)
    (out / "state" / "queue.qi").unlink()
    assert log_recovery.ended(str(out / "state"), "success", needs_quiet=True)
    assert log_recovery.begin_sending(str(out), 5) == 0


def test_what_the_other_kind_of_sender_acknowledged_is_not_sent_again(folder: Path) -> None:
    """Its notes are of no use for rsyslog, so what it sent goes; a segment that is half sent stays."""
    out = folder / "out"
    places = log_spool.Places(str(out))
    for number, sent in enumerate((4, 2, 4, 4)):
        path = out / "segments" / ("10000000%d.log" % number)
        path.write_text("a\nb\n")
        os.utime(path, (1000 + number, 1000 + number))
        places.sent[path.name] = (path.stat().st_ino, sent)
    places.write()
    assert log_recovery.begin_sending(str(out), 5) == 0
    assert sorted(os.listdir(out / "segments")) == ["10000000%d.log" % number for number in (1, 2, 3)]
    assert not (out / "places.json").exists()
