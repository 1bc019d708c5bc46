# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_query
from ansible_collections.groundwork.fleet.plugins.module_utils.log_query import Wanted
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .log_server_files import DAY, NOON, NOW, Server, line, server, spelled, tls  # noqa: F401  # fixtures


def texts(server: Server, wanted: Wanted = Wanted(), most: int = log_query.MOST_OPEN) -> list[str]:  # noqa: B008, F811
    return [one.decode().rstrip("\n").rpartition("] ")[2] for one in log_query.search(str(server.folder), wanted, most)]


def when(moment: float) -> bytes:
    return spelled(moment)[:26].encode()


@pytest.fixture
def full(server: Server) -> Server:  # noqa: F811
    """Return a server with three days of two hosts, of which two are closed."""
    for day in (2, 1, 0):
        for host in ("web-1", "db-1"):
            moments = [NOW - day * DAY - 3600 + 600 * number for number in range(5)]
            server.write(
                host, "nginx", *(line(moment, host, "nginx", "%s day %d line %d" % (host, day, n)) for n, moment in enumerate(moments))
            )
        if day:
            assert len(server.close(NOW - (day - 1) * DAY, file_size="1")["closed"]) == 2
    return server


def test_lines_come_in_the_order_of_their_times(full: Server) -> None:
    found = texts(full)
    assert len(found) == 30
    assert [text.split(" ", 1)[1] for text in found[::2]] == ["day %d line %d" % (day, number) for day in (2, 1, 0) for number in range(5)]
    assert texts(full, most=1) == found  # by way of temporary files


def test_files_outside_of_the_times_are_not_read(full: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    real = log_query.gzip.open

    def seen(path: str, mode: str) -> Any:
        opened.append(path)
        return real(path, mode)

    monkeypatch.setattr(log_query.gzip, "open", seen)
    found = texts(full, Wanted(since=when(NOW - DAY - 3000), until=when(NOW - DAY - 1300)))
    assert {text.split(" ", 1)[1] for text in found} == {"day 1 line 1", "day 1 line 2", "day 1 line 3"}
    assert len(opened) == 2


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Wanted(hosts=("web-*",)), 15),
        (Wanted(hosts=("db-1", "web-1")), 30),
        (Wanted(programs=("ssh*",)), 0),
        (Wanted(patterns=(re.compile(b"line 4$"),)), 6),
        (Wanted(patterns=(re.compile(b"^web-1"), re.compile(b"line 4$"))), 3),
        (Wanted(patterns=(re.compile(b"received"),)), 0),  # the message alone is searched
        (Wanted(patterns=(re.compile(rb"(?<! )web-1 day"),)), 15),
        (Wanted(patterns=(re.compile(rb"[^ ]eb-1 .*4$"),)), 3),
        (Wanted(patterns=(re.compile(rb"\Adb-1.*4\Z"),)), 3),
        (Wanted(severity=5), 0),
        (Wanted(severity=6), 30),
        (Wanted(since=b"2999"), 0),
    ],
)
def test_only_what_is_asked_for_is_found(full: Server, wanted: Wanted, count: int) -> None:
    assert len(texts(full, wanted)) == count


def test_a_long_file_is_not_read_from_its_beginning(server: Server) -> None:  # noqa: F811
    server.write("web-1", "nginx", *(line(NOW - 90000 + number, "web-1", "nginx", "line %d" % number) for number in range(0, 90000, 10)))
    path = server.folder / "web-1" / "nginx.log"
    with path.open("rb") as stream:
        log_query._skip(stream, when(NOW - 600))
        place = stream.tell()
        assert stream.readline().startswith(b"<14>1 ")
    assert place > path.stat().st_size * 0.9
    assert texts(server, Wanted(since=when(NOW - 600)))[0] == "line 89400"


def test_a_line_that_waited_for_hours_is_found_by_its_own_time(server: Server) -> None:  # noqa: F811
    server.write("web-1", "nginx", *(line(NOW - 90000 + number, "web-1", "nginx", "line %d" % number) for number in range(0, 90000, 10)))
    server.write("web-1", "nginx", line(NOW - 50000, "web-1", "nginx", "late", received=NOW))
    assert "late" in texts(server, Wanted(since=when(NOW - 50005), until=when(NOW - 49995)))


def test_a_file_that_is_closed_meanwhile_is_read_under_its_new_name(server: Server) -> None:  # noqa: F811
    server.write("web-1", "nginx", line(NOW - DAY, "web-1", "nginx", "x"))
    found = log_query.sources(str(server.folder), Wanted())
    os.rename(found[0].path, found[0].path + ".closing")
    assert len(list(log_query.lines(found[0], Wanted()))) == 1
    os.rename(found[0].path + ".closing", found[0].path)
    server.close(NOW)
    assert len(list(log_query.lines(found[0], Wanted()))) == 1


def test_a_file_that_is_gone_meanwhile_has_no_lines(server: Server) -> None:  # noqa: F811
    path = server.write("web-1", "nginx", line(NOW, "web-1", "nginx", "x"))
    found = log_query.sources(str(server.folder), Wanted())
    path.unlink()
    assert list(log_query.lines(found[0], Wanted())) == []


def test_what_is_added_is_followed(server: Server) -> None:  # noqa: F811
    path = server.write("web-1", "nginx", line(NOW, "web-1", "nginx", "old"))
    positions: dict[str, Any] = {}
    asked = Wanted(patterns=(re.compile(b"new"),))

    def more() -> int:
        return len(list(log_query.follow(str(server.folder), asked, positions)))

    assert more() == 0
    server.write("web-1", "nginx", line(NOW, "web-1", "nginx", "new"), line(NOW, "web-1", "nginx", "other"))
    server.write("web-2", "ssh", line(NOW, "web-2", "ssh", "new"))
    assert more() == 2 and more() == 0
    with path.open("ab") as stream:
        stream.write(line(NOW, "web-1", "nginx", "new")[:-1])
    assert more() == 0
    with path.open("ab") as stream:
        stream.write(b"\n")
    assert more() == 1
    path.rename(path.with_name("nginx.log.closing"))
    server.write("web-1", "nginx", line(NOW, "web-1", "nginx", "new"))
    assert more() == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(
    data=st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.integers(0, 50), st.integers(0, 3)), max_size=40), most=st.integers(1, 5)
)
def test_every_line_comes_once_however_files_lie(server: Server, tmp_path: Path, data: list[tuple[str, int, int]], most: int) -> None:  # noqa: F811
    for path in server.folder.rglob("*.log"):
        path.unlink()
    for number, (host, second, program) in enumerate(data):
        server.write(host, "p%d" % program, line(NOON + second, host, "p%d" % program, "line-%d" % number))
    found = texts(server, most=most)
    assert sorted(found) == sorted("line-%d" % number for number in range(len(data)))


def test_lines_are_written_for_people_and_for_programs() -> None:
    stored = line(NOON, "web-1", "nginx", 'GET "/" \x1b[31m', received=NOON + 1, priority=11)
    assert log_query.as_text(stored) == '2026-11-26T12:00:00.000000+00:00 web-1 nginx: GET "/" \ufffd[31m'
    found = json.loads(log_query.as_json(stored))
    assert found["received"] == "2026-11-26T12:00:01.000000+00:00" and found["from"] == "192.0.2.1"
    assert (found["severity"], found["facility"], found["process"], found["labels"]) == ("err", 1, None, {})
    assert log_query.as_text(b"old form\n") == "old form" and json.loads(log_query.as_json(b"old form\n")) == {"message": "old form"}
