# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_recovery, log_spool, processes

from tests.unit.plugins.module_utils.test_log_spool import lines, note

AGAIN = 3


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("collect", "recovered", "out/segments", "out/state", "logs"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setattr(processes, "answer", lambda *_command: (1, ""))
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


def test_a_sender_begins_again_across_segments_and_what_is_kept_of_those_gone(folder: Path) -> None:
    out = folder / "out"
    for number in range(2):
        path = out / "segments" / ("17956910%d.log" % number)
        path.write_text(lines(2, first=10 + 2 * number))
        note(out / "state", path, 24 if number == 0 else 12)
    (out / "kept.log").write_text(lines(10))
    (out / "state" / "queue.qi").touch()
    assert log_recovery.begin_sending(str(out), 5) == 0
    assert log_recovery.begin_sending(str(out), 5) == 5
    assert [one.offset for one in log_spool.read_states(str(out / "state"))] == [0, 0]
    first = log_spool.segments(str(out))[0]
    assert Path(first.path).read_text() == lines(2, first=8) and not (out / "kept.log").exists()
    assert not (out / "state" / "queue.qi").exists()


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
