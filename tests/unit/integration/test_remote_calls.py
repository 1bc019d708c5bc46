# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The count of remote calls can be red: what it says of runs that cost too much."""

from __future__ import annotations

import json

from tests.integration import remote_calls

SUBSET = ["min", "network", "virtual"]
FACTS = {"host": "web-1", "role": "", "task": "Facts", "module": "ansible.legacy.setup", "execution": "1-0", "subset": SUBSET}


def calls(*lines: dict) -> list[remote_calls.Call]:
    return remote_calls.parsed("".join(json.dumps(line) + "\n" for line in lines))


def of_role(number: int, role: str = "users", host: str = "web-1") -> list[dict]:
    return [{"host": host, "role": role, "task": f"Task {one}", "module": "groundwork.fleet.converge"} for one in range(1, number + 1)]


def test_three_calls_of_a_role_are_allowed() -> None:
    assert remote_calls.violations(calls(FACTS, *of_role(3), *of_role(3, role="firewall"))) == []


def test_a_fourth_is_not_and_all_tasks_are_named() -> None:
    assert remote_calls.violations(calls(FACTS, *of_role(4), *of_role(1, role="firewall"))) == [
        "users made 4 remote calls on web-1, at most 3: Task 1; Task 2; Task 3; Task 4"
    ]


def test_each_host_has_a_limit_of_its_own() -> None:
    other = {**FACTS, "host": "web-2"}
    assert remote_calls.violations(calls(FACTS, other, *of_role(3), *of_role(3, host="web-2"))) == []
    assert len(remote_calls.violations(calls(FACTS, other, *of_role(4), *of_role(4, host="web-2")))) == 2


def test_what_belongs_to_no_role_has_no_limit() -> None:
    assert remote_calls.violations(calls(FACTS, *of_role(9, role=""))) == []


def test_facts_are_gathered_once() -> None:
    assert remote_calls.violations(calls(FACTS, {**FACTS, "execution": "2-0"})) == [
        "the facts of web-1 were gathered 2 times, once is enough"
    ]
    assert remote_calls.violations(calls(*of_role(1))) == ["the facts of web-1 were gathered 0 times, once is enough"]


def test_our_own_module_gathers_them_too() -> None:
    ours = {**FACTS, "module": "groundwork.fleet.facts"}
    assert remote_calls.violations(calls(ours)) == []
    assert remote_calls.violations(calls(FACTS, {**ours, "execution": "2-0"})) == [
        "the facts of web-1 were gathered 2 times, once is enough"
    ]


def test_gathering_them_may_take_two_processes() -> None:
    assert remote_calls.violations(calls(FACTS, FACTS)) == []


def test_a_role_that_gathers_facts_is_seen() -> None:
    of_role_itself = {**FACTS, "role": "users", "execution": "2-0"}
    assert remote_calls.violations(calls(FACTS, of_role_itself)) == ["the facts of web-1 were gathered 2 times, once is enough"]


def test_facts_that_nobody_needs_are_not_gathered() -> None:
    assert remote_calls.violations(calls({**FACTS, "subset": ["all"]})) == [
        "the facts of web-1 were gathered with all, which no role needs"
    ]


def test_the_table_has_a_line_for_each_role() -> None:
    assert remote_calls.table(calls(FACTS, *of_role(2), *of_role(1, host="db-1"))).splitlines() == [
        "role         db-1  web-1",
        "(playbooks)  0     1",
        "users        1     2",
    ]
