# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import kernel_sockets, log_failover, processes
from ansible_collections.groundwork.fleet.plugins.module_utils.kernel_sockets import Connection
from ansible_collections.groundwork.fleet.plugins.module_utils.log_failover import Server, Turn, View

FIRST, NEXT, LAST = (Server(name, "192.0.2.%d" % number, 2514, "/c/%d.conf" % number) for number, name in enumerate(("a", "b", "c"), 1))
OUTPUT: dict[str, Any] = {"servers": [one._asdict() for one in (FIRST, NEXT, LAST)], "back": 60.0}
WELL, GONE = View(True, 0, False, (0.0, 0.0)), View(False, 0, True, (0.0, 0.0))


class Fleet:
    """Servers that answer or not, and a sender that is looked at once a second."""

    def __init__(self, *answering: Server) -> None:
        self.up = {one.name for one in answering}
        self.asked: list[str] = []
        self.now = 1000.0
        self.using = FIRST
        self.watch = log_failover.Watch([FIRST, NEXT, LAST], self.ask)

    def ask(self, server: Server) -> bool:
        self.asked.append(server.name)
        return server.name in self.up

    def wait(self, seconds: int, seen: View) -> tuple[int, Turn] | None:
        """Look once a second until something has to be done, at most so long; take the turn and return after how many seconds it came."""
        for second in range(seconds):
            turn = self.watch.look(self.using, seen, self.now)
            self.now += 1
            if turn:
                self.using = turn.server
                return second, turn
        return None


def test_a_server_that_is_well_is_not_left_and_not_asked() -> None:
    fleet = Fleet(FIRST, NEXT)
    assert fleet.wait(600, WELL) is None and fleet.asked == []


def test_lines_turn_to_the_next_that_answers_and_back_when_the_first_has_answered_for_a_minute() -> None:
    fleet = Fleet(LAST)
    fleet.wait(5, WELL)
    found = fleet.wait(60, GONE)
    assert found and 10 <= found[0] <= 15
    assert found[1] == Turn(LAST, "a does not answer", False), "b does not answer either"
    assert fleet.wait(300, WELL) is None
    fleet.up.add("a")
    found = fleet.wait(300, WELL)
    assert found and 60 <= found[0] <= 75 and found[1] == Turn(FIRST, "a answers again", True)


def test_a_better_server_is_turned_to_though_the_first_is_still_away() -> None:
    fleet = Fleet(LAST)
    fleet.wait(30, GONE)
    fleet.up.add("b")
    found = fleet.wait(300, WELL)
    assert found and found[1].server == NEXT


def test_a_restart_of_the_server_is_waited_for() -> None:
    fleet = Fleet(NEXT)
    fleet.wait(5, WELL)
    assert fleet.wait(9, GONE) is None
    assert fleet.wait(60, WELL) is None


def test_a_server_that_answers_is_not_left_for_a_connection_that_is_not_there_yet() -> None:
    """An idle sender sees that its connection has ended only when it has something to send."""
    fleet = Fleet(FIRST, NEXT)
    assert fleet.wait(300, View(False, 0, False, (0.0, 0.0))) is None


def test_where_none_answers_the_sender_stays_and_waits() -> None:
    fleet = Fleet()
    assert fleet.wait(600, GONE) is None
    fleet.up.add("b")
    found = fleet.wait(10, GONE)
    assert found and found[1].server == NEXT
    assert len(fleet.asked) < 600, "they are not asked without a pause"


def test_a_cut_connection_still_stands_for_the_kernel() -> None:
    fleet = Fleet(NEXT)
    found = fleet.wait(60, View(True, 500, True, (0.0, 0.0)))
    assert found and found[0] <= 15 and found[1].server == NEXT


def test_a_server_that_answers_and_takes_no_line_is_left_and_not_returned_to_at_once() -> None:
    fleet = Fleet(FIRST, NEXT)
    stuck = View(True, 0, True, (7.0, 7.0))
    waits = []
    for _time in range(3):
        found = fleet.wait(100, stuck)
        assert found and found[1].server == NEXT and not found[1].clean and found[0] >= 30
        found = fleet.wait(1000, WELL)
        assert found and found[1].server == FIRST
        waits.append(found[0])
    assert 55 <= waits[0] <= 75 and 115 <= waits[1] <= 135 and 235 <= waits[2] <= 255


def test_lines_that_move_are_no_reason() -> None:
    fleet = Fleet(FIRST, NEXT)
    for number in range(200):
        assert fleet.wait(1, View(True, 900, True, (float(number), 0.0))) is None
    assert set(fleet.asked) <= {"a"}


def test_a_turn_that_takes_a_while_is_not_made_twice() -> None:
    fleet = Fleet(NEXT)
    fleet.wait(60, GONE)
    fleet.using = FIRST  # it is still being started
    assert fleet.wait(20, GONE) is None


def test_the_first_that_answers_is_chosen_and_stays_chosen(tmp_path: Path) -> None:
    folder = str(tmp_path)
    assert log_failover.begin(folder, {}, lambda _one: True) is None
    assert log_failover.in_use(folder, OUTPUT) is None and log_failover.told({"state": folder, "outputs": {"x": OUTPUT}}) == {}
    assert log_failover.begin(folder, OUTPUT, lambda one: one == NEXT) == NEXT
    assert os.readlink(tmp_path / "send.conf") == NEXT.configuration
    assert log_failover.begin(folder, OUTPUT, lambda _one: False) == NEXT, "the keeper alone chooses anew"
    log_failover.choose(folder, "gone", 3)
    assert log_failover.begin(folder, OUTPUT, lambda _one: False) == FIRST, "where none answers it is the first"
    assert log_failover.in_use(folder, OUTPUT) == FIRST and json.loads((tmp_path / "server.json").read_text())["changes"] == 3
    (tmp_path / "server.json").write_text("[")
    assert log_failover.begin(folder, OUTPUT, lambda one: one == LAST) == LAST


def test_what_is_told_of_it(tmp_path: Path) -> None:
    (tmp_path / "o").mkdir()
    folder = str(tmp_path / "o")
    log_failover.choose(folder, "b", 2)
    log_failover.begin(folder, OUTPUT, lambda _one: True)
    found = list(log_failover.metrics("o", folder, OUTPUT))
    assert [(labels["server"], labels["rank"], value) for name, labels, value in found if name == "server"] == [
        ("a", "1", 0.0),
        ("b", "2", 1.0),
        ("c", "3", 0.0),
    ]
    assert found[-1] == ("server_changes_total", {"output": "o"}, 2.0)
    assert log_failover.told({"state": str(tmp_path), "outputs": {"o": OUTPUT, "p": {}}}) == {"o": "b"}
    assert list(log_failover.metrics("p", folder, {})) == []


def test_what_is_seen_of_a_sender(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_sockets, "connections", lambda host, port: [Connection("06", 3), Connection("01", 4)])
    (tmp_path / "state").mkdir()
    (tmp_path / "segments").mkdir()
    assert log_failover.view(str(tmp_path), FIRST) == View(True, 7, False, (0.0, 0.0))
    (tmp_path / "segments" / "179569100.log").write_text("line\n")
    assert log_failover.view(str(tmp_path), FIRST).waiting
    (tmp_path / "segments" / "179569100.log").unlink()
    stats = [{"origin": "core.queue", "name": "send", "size": 1}, {"origin": "core.action", "name": "send", "processed": 9}]
    (tmp_path / "state" / "stats").write_text("".join("x %s\n" % json.dumps(one) for one in stats))
    assert log_failover.view(str(tmp_path), FIRST) == View(True, 7, True, (0.0, 9.0))


def test_a_sender_is_killed_to_turn_away_and_restarted_to_turn_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    runs = [True]

    def answer(command: list[str], _seconds: float) -> tuple[int, str]:
        ran.append(command)
        return (0 if runs[0] else 3), ""

    monkeypatch.setattr(processes, "answer", answer)
    monkeypatch.setattr(kernel_sockets, "connections", lambda host, port: [])
    monkeypatch.setattr(log_failover, "asking", lambda _folder: lambda server: server == NEXT)
    clock = iter(range(1000, 2000))
    monkeypatch.setattr(log_failover.time, "monotonic", lambda: float(next(clock)))
    (tmp_path / "o" / "state").mkdir(parents=True)
    folder = str(tmp_path / "o")
    told = {"state": str(tmp_path), "tls_directory": "/tls", "outputs": {"o": OUTPUT, "p": {}}}
    said: list[str] = []
    log_failover.follow(told, said.append, 1, lambda _seconds: None)
    assert not ran, "a sender that has not begun is left alone"
    log_failover.begin(folder, OUTPUT, lambda _one: True)
    log_failover.follow(told, said.append, 20, lambda _seconds: None)
    assert ran[-1] == ["systemctl", "kill", "--kill-who=main", "--signal=KILL", "groundwork-log-sender-o.service"]
    assert said == ["a does not answer: the output o sends to b now"]
    assert json.loads((tmp_path / "o" / "server.json").read_text()) == {"server": "b", "changes": 1}
    assert log_failover.turn("o", folder, Turn(FIRST, "", True))
    assert ran[-1] == ["systemctl", "restart", "--no-block", "groundwork-log-sender-o.service"]
    runs[0] = False
    assert not log_failover.turn("o", folder, Turn(LAST, "", True)), "a sender that somebody stopped stays as it is"
    assert json.loads((tmp_path / "o" / "server.json").read_text()) == {"server": "a", "changes": 2}
