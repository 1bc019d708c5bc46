# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import gzip
import json
import os
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_archive, log_chain

from .log_server_files import DAY, NOON, NOW, Server, chain_of, closed, line, problems, server, tls, yesterdays  # noqa: F401  # fixtures


def test_yesterdays_files_are_closed_and_todays_are_not(server: Server) -> None:  # noqa: F811
    yesterdays(server)
    today = server.write("web-9", "nginx", line(NOW, "web-9", "nginx", "today"))
    done = server.close(NOW)
    assert [name.split("/")[0] for name in done["closed"]] == ["web-0", "web-1", "web-2"] and today.exists()
    assert gzip.decompress(closed(server)[0].read_bytes()).count(b"\n") == 5
    assert sorted(os.listdir(server.folder / "web-0")) == [closed(server)[0].name]
    assert problems(server) == []
    assert server.close(NOW)["changed"] is False


def test_a_large_file_is_closed_before_its_time(server: Server) -> None:  # noqa: F811
    server.write("web-1", "nginx", line(NOW, "web-1", "nginx", "x" * 2000))
    assert len(server.close(NOW, file_size="1k")["closed"]) == 1


def test_hourly_closes_those_of_the_hour_before(server: Server) -> None:  # noqa: F811
    server.write("web-1", "nginx", line(NOON - 1800, "web-1", "nginx", "x"))
    assert server.close(NOON)["closed"] == []
    assert len(server.close(NOON, close_every="hourly")["closed"]) == 1


def test_what_is_too_old_goes_and_the_chain_stays_whole(server: Server) -> None:  # noqa: F811
    yesterdays(server)
    server.close(NOW)
    for path in closed(server)[:2]:
        os.utime(path, (NOW - 40 * DAY, NOW - 40 * DAY))
    gone = server.close(NOW)["removed"]
    assert [name.split("/")[0] for name in gone] == ["web-0", "web-1"]
    assert problems(server) == [] and not (server.folder / "web-0").exists()


def test_the_oldest_go_until_the_rest_is_small_enough(server: Server) -> None:  # noqa: F811
    yesterdays(server)
    server.close(NOW)
    total = log_archive.usage(str(server.folder))[0]
    gone = server.close(NOW, keep_size=str(total - 1))["removed"]
    assert [name.split("/")[0] for name in gone] == ["web-0"] and problems(server) == []


def test_months_whose_files_are_all_gone_are_forgotten(server: Server) -> None:  # noqa: F811
    for month in range(4):
        when = NOW + month * 31 * DAY
        server.write("web-1", "nginx", line(when - DAY, "web-1", "nginx", "month %d" % month))
        server.close(when)
        for path in closed(server):
            os.utime(path, (when, when))
    server.close(NOW + 200 * DAY)
    months = log_chain.months(str(server.folder / ".groundwork"))
    assert len(months) < 5
    assert [text for text in problems(server) if "certificate" not in text] == []
    os.unlink(months[0])
    assert "nothing in it tells that those before were removed" in problems(server)[0]


def test_a_run_that_died_is_finished_by_the_next(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    calls = {"os.rename": os.rename, "os.unlink": os.unlink, "os.fsync": os.fsync}

    class Died(Exception):
        pass

    for name, real in calls.items():
        for after in range(9):
            yesterdays(server)
            left = [after]

            def dying(*given: Any, real: Any = real, left: list[int] = left, **named: Any) -> Any:
                left[0] -= 1
                if left[0] < 0:
                    raise Died
                return real(*given, **named)

            with monkeypatch.context() as patch:
                patch.setattr(name, dying)
                with contextlib.suppress(Died):
                    server.close(NOW)
            server.close(NOW)
            server.close(NOW)
            assert problems(server) == [], (name, after)
            assert list(server.folder.glob("*/*.log*[!z]")) == [], (name, after)
    entries = [json.loads(text) for text in chain_of(server).read_text().splitlines()]
    assert sum(entry.get("lines", 0) for entry in entries) == 15 * 9 * len(calls)


def test_a_last_entry_that_was_cut_off_is_written_anew(server: Server) -> None:  # noqa: F811
    yesterdays(server)
    server.close(NOW)
    with chain_of(server).open("ab") as stream:
        stream.write(b'{"n":')
    assert problems(server) == []
    yesterdays(server)
    server.close(NOW)
    assert problems(server) == []


def test_a_file_that_the_receiver_holds_stays_for_the_next_run(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    yesterdays(server)
    monkeypatch.setattr(log_archive, "receiver", lambda unit: os.getpid())
    monkeypatch.setattr(log_archive.processes, "answer", lambda command, seconds: (0, ""))
    monkeypatch.setattr(log_archive, "PATIENCE", 0.1)
    with (server.folder / "web-1" / "nginx.log").open("ab"):
        assert server.close(NOW)["closed"] == []
    assert len(server.close(NOW)["closed"]) == 3
