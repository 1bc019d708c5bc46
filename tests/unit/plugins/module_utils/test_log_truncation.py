# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_keeper, log_mark, log_metrics, log_truncation

from tests.unit.plugins.module_utils.test_log_spool import lines, note

BEGUN = 1_800_000_000.0


class Host:
    """A file that is read, and who watches it. Lines are of 12 bytes."""

    def __init__(self, folder: Path) -> None:
        for name in ("collect", "logs"):
            (folder / name).mkdir()
        (folder / "collect" / log_mark.MARK).touch()
        self.folder, self.path, self.now = folder, folder / "logs" / "a.log", BEGUN
        self.watch = log_truncation.Watch(str(folder), {"app": [str(folder / "logs" / "*.log")]})

    def has(self, text: str) -> None:
        self.path.write_text(text)
        os.utime(self.path, (self.now, self.now))

    def read(self, offset: int, new: bool = False) -> None:
        """Note how far it was read; new: in what was written since, which has a digest of its own."""
        for path in (self.folder / "collect").glob("imfile-state:*"):
            path.unlink()
        made = note(self.folder / "collect", self.path, offset)
        if new:
            made.rename(made.with_name(made.name[:-16] + "fedcba9876543210"))

    def look(self, seconds: float = 0.5) -> list[log_truncation.Fetched]:
        self.now += seconds
        return self.watch.look(self.now)

    def copy(self, name: str = "a.log.1") -> None:
        shutil.copy2(self.path, self.folder / "logs" / name)

    @property
    def recovered(self) -> str:
        return "".join(path.read_text() for path in sorted((self.folder / "recovered" / "app").glob("*.log")))


@pytest.fixture
def host(tmp_path: Path) -> Host:
    found = Host(tmp_path)
    found.has(lines(10))
    found.read(60)
    assert found.look() == []
    return found


def compressed(host: Host) -> None:
    with gzip.open(host.folder / "logs" / "a.log.1.gz", "wb") as stream:
        stream.write(host.path.read_bytes())
    os.utime(host.folder / "logs" / "a.log.1.gz", (host.now, host.now))


@pytest.mark.parametrize("copied", [Host.copy, compressed])
@pytest.mark.parametrize("after", ["", lines(3, first=20), lines(30, first=20)])
def test_what_was_not_read_is_fetched_from_the_copy(host: Host, copied: Callable[[Host], None], after: str) -> None:
    """Whatever has been written since, be it more than there was before."""
    copied(host)
    host.now += 1
    host.has(after)
    found = host.look()
    assert [(one.input, one.path, one.lines, one.lost) for one in found] == [("app", str(host.path), 5, 0)]
    assert host.recovered == lines(5, first=5)
    assert host.look() == [], "once"


def test_the_place_that_rsyslog_noted_after_the_last_look_counts(host: Host) -> None:
    host.copy()
    host.now += 1
    host.has(lines(2, first=20))
    host.read(96)  # rsyslog has read on, and has not seen yet that the file is another one
    assert host.look()[0].lines == 2
    assert host.recovered == lines(2, first=8)


def test_a_place_in_what_is_new_is_not_taken_for_one_in_what_was(host: Host) -> None:
    host.copy()
    host.now += 1
    host.has(lines(9, first=20))
    host.read(108, new=True)
    host.look()
    assert host.recovered == lines(5, first=5)


def test_a_line_of_which_a_part_was_read_is_fetched_whole(host: Host) -> None:
    host.read(64)
    host.look()
    host.copy()
    host.now += 1
    host.has("")
    host.look()
    assert host.recovered == lines(5, first=5)


def test_nothing_is_to_be_done_where_all_was_read(host: Host) -> None:
    host.read(120)
    host.look()
    host.copy()
    host.now += 1
    host.has(lines(1, first=20))
    assert host.look() == []
    assert not (host.folder / "recovered").exists()


def test_what_no_copy_has_is_counted(host: Host, tmp_path: Path) -> None:
    (host.folder / "logs" / "a.log.1").write_text(lines(20, first=50))
    os.utime(host.folder / "logs" / "a.log.1", (host.now, host.now))
    host.now += 1
    host.has(lines(1, first=20))
    assert host.look() == [], "a copy may be on its way"
    found = host.look(log_truncation.PATIENCE)
    assert [(one.lines, one.lost) for one in found] == [(0, 60)]
    counts = log_metrics.truncations(str(host.folder / "collect"))
    assert "60 bytes at least" in log_truncation.told(found, counts.add)[0]
    assert ("truncated_unread_bytes_total", {"input": "app"}, 60.0) in list(
        log_metrics.of_truncations(str(host.folder / "collect"), ["app", "other"])
    )
    assert host.look(log_truncation.PATIENCE) == []


def test_a_copy_of_long_ago_is_none(host: Host) -> None:
    host.copy()
    os.utime(host.folder / "logs" / "a.log.1", (BEGUN - 3600, BEGUN - 3600))
    host.now += 1
    host.has("")
    host.look()
    assert host.look(log_truncation.PATIENCE)[0].lost == 60


def test_a_file_that_is_renamed_or_grows_is_not_truncated(host: Host) -> None:
    host.now += 1
    host.has(lines(30))
    assert host.look() == []
    host.path.rename(host.folder / "logs" / "a.log.1")
    host.has(lines(1, first=50))
    assert host.look() == [] and host.watch.waiting == {}


def test_the_next_start_of_the_collector_looks_by_itself(host: Host) -> None:
    (host.folder / "collect" / log_mark.MARK).unlink()
    host.copy()
    host.now += 1
    host.has("")
    assert host.look() == []
    (host.folder / "collect" / log_mark.MARK).touch()
    assert host.look() == [] and host.watch.waiting == {}


def test_the_keeper_says_what_it_fetched(host: Host, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    host.copy()
    host.now += 1
    host.has("")
    monkeypatch.setattr(log_keeper.time, "time", lambda: host.now)
    log_keeper.watch_files(host.watch, ())
    assert "a.log.1 has the rest, 5 lines" in capsys.readouterr().out
