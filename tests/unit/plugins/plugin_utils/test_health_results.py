# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What several hosts answered becomes one list, the worst first; a host without an answer is never taken for a healthy one."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import health_results
from ansible_collections.groundwork.fleet.plugins.plugin_utils.health_results import Line


def result(status: str, message: str = "", **more: Any) -> dict[str, Any]:
    return {"status": status, "type": "tcp", "message": message, "seconds": 0.5, "attempts": 1, "expected": {}, "observed": {}, **more}


FLEET = {
    "web-2": {"checks": {"ssh": result("ok"), "page": result("skipped", "skipped", root="nginx")}},
    "web-1": {"checks": {"ssh": result("ok"), "nginx": result("failed", "it is down"), "disk": result("warning", "81 %")}},
    "db-1": {"unreachable": True, "msg": "no route to host"},
}


def test_the_worst_comes_first_then_by_host_and_name() -> None:
    found = [(line.status, line.host, line.check) for line in health_results.lines_of(FLEET)]
    assert found == [
        ("failed", "db-1", "(host)"),
        ("failed", "web-1", "nginx"),
        ("warning", "web-1", "disk"),
        ("skipped", "web-2", "page"),
        ("ok", "web-1", "ssh"),
        ("ok", "web-2", "ssh"),
    ]


def test_a_line_says_all_that_the_answer_says() -> None:
    (line,) = health_results.lines_of({"checks": {"page": result("skipped", "why", root="nginx")}}, "web-1")
    assert line == Line("web-1", "page", "tcp", "skipped", "why", 0.5, "nginx")


@pytest.mark.parametrize(
    ("answer", "type_name", "message"),
    [
        ({"unreachable": True, "msg": "no route"}, "unreachable", "no route"),
        ({"failed": True, "msg": "no Python"}, "host", "no Python"),
        ({}, "host", "no answer: the checks did not run"),
        (None, "host", "no answer: the checks did not run"),
    ],
)
def test_a_host_without_an_answer_has_failed(answer: object, type_name: str, message: str) -> None:
    (line,) = health_results.lines_of({"web-1": answer})
    assert (line.check, line.type, line.status, line.message) == ("(host)", type_name, "failed", message)
    assert not health_results.is_healthy({"web-1": answer})


def test_what_is_no_answer_is_refused() -> None:
    with pytest.raises(BadInput, match="results is 'all well'; expected an answer of health_check"):
        health_results.lines_of("all well")


@pytest.mark.parametrize(
    ("statuses", "healthy", "strictly"),
    [
        (["ok", "not_applicable", "skipped"], True, True),
        (["ok", "warning"], True, False),
        (["ok", "failed"], False, False),
        (["ok", "melted"], False, False),
        ([], False, False),
    ],
)
def test_what_counts_as_healthy(statuses: list[str], healthy: bool, strictly: bool) -> None:
    answer = {"checks": {str(number): result(status) for number, status in enumerate(statuses)}}
    assert health_results.is_healthy(answer) is healthy
    assert health_results.is_healthy(answer, warnings=False) is strictly


def test_the_summary_counts_and_names_what_is_wrong() -> None:
    found = health_results.summary(FLEET)
    assert (found["healthy"], found["checks"]) == (False, 6)
    assert found["counts"] == {"failed": 2, "warning": 1, "skipped": 1, "not_applicable": 0, "ok": 2}
    assert (found["hosts"], found["ill_hosts"]) == (["db-1", "web-1", "web-2"], ["db-1", "web-1"])
    assert [problem["check"] for problem in found["problems"]] == ["(host)", "nginx", "disk"]
    assert found["problems"][1] == {"host": "web-1", "check": "nginx", "type": "tcp", "status": "failed", "message": "it is down"}


def test_unhealthy_hosts() -> None:
    assert health_results.unhealthy_hosts(FLEET) == ["db-1", "web-1"]
    assert health_results.unhealthy_hosts({"web-1": {"checks": {"disk": result("warning")}}}, warnings=False) == ["web-1"]
    assert health_results.unhealthy_hosts({"checks": {"disk": result("failed")}}) == []
