# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table fits the terminal, whatever is in it, and shows first what somebody has to do."""

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import health_view
from ansible_collections.groundwork.fleet.plugins.plugin_utils.health_results import Line, lines_of

LINES = [
    Line("web-1", "shop http", "http", "failed", "http url=http://127.0.0.1/: expected status 200, observed 502, 1.0 s\n    the journal"),
    Line("db-1", "disk", "disk", "warning", "expected percent at most 80, observed 91"),
    Line("db-1", "ssh", "tcp", "ok"),
    Line("web-1", "ssh", "tcp", "ok"),
    Line("web-2", "clock", "clock", "not_applicable", "container"),
]


def test_the_whole_view() -> None:
    assert health_view.table(LINES, 100) == (
        "STATUS   HOST   CHECK      WHY\n"
        "FAILED   web-1  shop http  http url=http://127.0.0.1/: expected status 200, observed 502, 1.0 s\n"
        "WARNING  db-1   disk       expected percent at most 80, observed 91\n"
        "\n"
        "db-1   1 warning, 1 ok\n"
        "web-1  1 failed, 1 ok\n"
        "web-2  1 n/a\n"
        "\n"
        "5 checks on 3 hosts: 1 failed, 1 warning, 1 n/a, 2 ok"
    )


def test_the_cause_stands_first_where_there_is_little_room() -> None:
    (failed, *_others) = health_view.table(LINES, 70).splitlines()[1:]
    assert failed.startswith("FAILED   web-1  shop http  expected status 200, observed 502, 1.0 s (")


def test_why_a_failure_does_not_block_is_shown() -> None:
    reason = "maintenance: import, until 23:00"
    line = Line("db-1", "disk", "disk", "warning", f"disk path=/: expected x, observed y\n    a line ({reason})", excused=reason)
    assert f"({reason}) disk path=/: expected x, observed y" in health_view.table([line], 120)
    told = {"checks": {"disk": {"type": "disk", "status": "warning", "message": line.message, "excused": reason}}}
    assert lines_of(told, "db-1") == [line]


def test_every_check_has_a_line_when_asked_for() -> None:
    found = health_view.table(LINES, 100, every=True).splitlines()
    assert [line.split()[0] for line in found[:6]] == ["STATUS", "FAILED", "WARNING", "ok", "ok", "n/a"]
    assert "web-2  1 n/a" not in found


def test_a_fleet_without_a_problem_has_no_table_of_problems() -> None:
    assert health_view.table([Line("web-1", "ssh", "tcp", "ok")]) == "web-1  1 ok\n\n1 check on 1 host: 1 ok"


def test_nothing_checked_is_said() -> None:
    assert health_view.table([]) == "0 checks on 0 hosts: nothing was checked"


@pytest.mark.parametrize("width", [40, 60, 80, 132])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    long = Line("a-host-with-a-very-long-name.of.a.domain.example", "service " * 9, "http", "failed", "because " * 40)
    for every in (False, True):
        found = health_view.table([long, *LINES], width, every).splitlines()
        assert max(health_view.width_of(line) for line in found) <= width
        assert found[1].startswith("FAILED") and "  be" in found[1]


def test_wide_characters_count_twice_and_combining_ones_not() -> None:
    assert health_view.width_of("日本") == 4
    assert health_view.width_of("é") == 1
    assert health_view.cut("日本語", 5) == "日本…"


def test_a_host_cannot_steer_the_terminal() -> None:
    found = health_view.table([Line("web-1", "x", "command", "failed", "\x1b[2Jgone\tand \x07more")], 80)
    assert "\x1b" not in found and "\x07" not in found and "?[2Jgone and ?more" in found
