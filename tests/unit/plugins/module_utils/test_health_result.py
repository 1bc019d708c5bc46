# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was observed is judged and worded in one place; what does not block is told all the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health, health_input, health_result


@dataclasses.dataclass
class Options:
    subject: str = health.option("what is looked at", "it")
    up: bool = health.option("", True, expects=health.equal)
    status: Sequence[int] | None = health.option("", None, expects=health.one_of)
    minimum: int | None = health.option("", None, expects=health.at_least, fact="count")
    maximum: int | None = health.option("", None, expects=health.at_most, fact="count")
    contains: str | None = health.option("", None, expects=health.contains, fact="content")
    size: int | None = health.option("", None, expects=health.at_least, unit="bytes")


TYPE = health.CheckType("fake", Options, lambda _options, _deadline: health.Observation({}))


def check(warn: dict[str, Any] | None = None, **options: Any) -> health.Check:
    declared: dict[str, Any] = {"fake": options, "warn": warn}
    return health_input.parse({"a": declared}, ["fake"], lambda _name: TYPE, 60)[0]


@pytest.mark.parametrize(
    ("expected", "facts", "why"),
    [
        ({}, {"up": True}, ""),
        ({}, {"up": False}, "expected up true, observed false"),
        ({}, {}, "expected up true, observed nothing"),
        ({"status": [200, 204]}, {"up": True, "status": 204}, ""),
        ({"status": [200, 204]}, {"up": True, "status": 500}, "expected status one of 200, 204, observed 500"),
        ({"status": [200]}, {"up": True, "status": 500}, "expected status 200, observed 500"),
        ({"minimum": 2, "maximum": 3}, {"up": True, "count": 3}, ""),
        ({"minimum": 2}, {"up": True, "count": 1}, "expected count at least 2, observed 1"),
        ({"maximum": 2}, {"up": True, "count": 3}, "expected count at most 2, observed 3"),
        ({"contains": "x"}, {"up": True, "content": "axb"}, ""),
        ({"contains": "x"}, {"up": True, "content": "secret"}, "expected content containing x, observed 6 characters without it"),
        ({"contains": "x"}, {"up": False}, "expected up true, observed false"),
    ],
)
def test_judging(expected: dict[str, Any], facts: dict[str, Any], why: str) -> None:
    assert health_result.judge(check(**expected), health.Observation(facts)) == why


@pytest.mark.parametrize(
    ("expected", "facts", "why"),
    [
        ({"status": {"between": [200, 299]}}, {"status": 404}, "expected status at least 200 and at most 299, observed 404"),
        ({"status": {"not": 500}}, {"status": 500}, "expected status not 500, observed 500"),
        ({"contains": {"matches": "^a"}}, {"content": "ba"}, "expected content matching ^a, observed 2 characters without it"),
        ({"size": {"at_least": "10GiB"}}, {"size": 5368709120}, "expected size at least 10GiB, observed 5 GiB"),
        ({"size": 2048}, {"size": 1536}, "expected size at least 2 KiB, observed 1.5 KiB"),
        ({"minimum": {"at_least": 2}}, {"count": "many"}, "expected count at least 2, observed many"),
    ],
)
def test_judging_by_matchers(expected: dict[str, Any], facts: dict[str, Any], why: str) -> None:
    assert health_result.judge(check(**expected), health.Observation({"up": True, **facts})) == why


def judged(facts: dict[str, Any], warn: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    one = check(warn, **options)
    return health_result.result_of(one, health_result.verdict_of(one, health.Observation({"up": True, **facts})), 1, 0.25)


def test_a_warning_is_less_than_a_failure() -> None:
    options: dict[str, Any] = {"warn": {"minimum": 5}, "minimum": 2}
    assert [judged({"count": count}, **options)["status"] for count in (1, 3, 5)] == ["failed", "warning", "ok"]
    assert judged({"count": 3}, **options)["message"] == "fake: expected count at least 5, observed 3, 0.2 s"
    assert judged({"count": 3}, **options, subject="that")["message"].startswith("fake subject=that: expected")
    assert judged({"count": 3}, **options)["expected"]["count"] == "at least 2, without warning at least 5"


def test_numbers_and_limits_are_for_machines() -> None:
    result = judged({"count": 3, "size": 1.5}, warn={"minimum": 4}, minimum=2, maximum=10)
    assert result["measured"] == {"count": 3, "size": 1.5}
    assert result["limits"] == {"count": {"critical": [2, 10], "warning": [4, None]}}
    assert judged({"count": 3}, minimum={"any": [1, 3]})["limits"] == {}


def test_an_option_that_only_warns_makes_the_check_look() -> None:
    assert check({"contains": "x"}).look.contains == "x"
    assert check({"contains": "x"}).options.contains is None
    assert judged({"content": "abc"}, warn={"contains": "x"})["status"] == "warning"


FAILED = {"status": "failed", "type": "tcp", "message": "it is down"}
OK = {"status": "ok", "type": "tcp", "message": ""}


def test_a_known_failure_is_told_and_does_not_block() -> None:
    results = health_result.excuse({"old": FAILED, "new": FAILED, "good": OK}, {"old": FAILED, "new": OK}, {})
    assert {name: result["status"] for name, result in results.items()} == {"old": "warning", "new": "failed", "good": "ok"}
    assert results["old"]["message"] == "it is down (failed before too)"
    again = health_result.excuse({"old": FAILED}, results, {})
    assert again["old"]["status"] == "warning", "an excused failure is known the next time too"


def test_a_failure_in_a_maintenance_window_is_told_and_does_not_block() -> None:
    results = health_result.excuse({"a": FAILED, "b": FAILED, "good": OK}, None, {"a": "maintenance: x, until 23:00", "good": "x"})
    assert results["a"] == {
        "status": "warning", "type": "tcp", "excused": "maintenance: x, until 23:00", "message": "it is down (maintenance: x, until 23:00)",
    }  # fmt: skip
    assert results["b"] is FAILED
    assert results["good"] is OK


def test_the_report_names_root_causes_first() -> None:
    hanging = {"status": "skipped", "message": "skipped", "root": "database", "type": "http"}
    report = health_result.report({"other": FAILED, "database": FAILED, "page": hanging, "good": OK})
    assert report == "2 of 4 checks failed:\n- database: it is down\n    skipped for it: page\n- other: it is down"
    assert health_result.report({"good": OK}) == ""


def test_the_summary_counts() -> None:
    assert health_result.summary({"a": OK}) == "1 check passed"
    counted = health_result.summary({"a": OK, "b": FAILED, "c": {"status": "warning"}, "d": {"status": "not_applicable"}})
    assert counted == "1 of 4 checks passed, 1 failed, 1 with a warning, 1 not applicable"
    assert [health_result.overall(one) for one in ({"a": OK}, {"a": {"status": "warning"}}, {"a": OK, "b": FAILED})] == [
        "ok",
        "warning",
        "failed",
    ]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (5, "", "5"), (2.0, "", "2"), (81.256, "", "81.26"), (True, "", "true"), ([1, 2], "", "1, 2"), ("http://u:p@h/", "", "http://***@h/"),
        (1536, "bytes", "1.5 KiB"), (3 * 1024**4, "bytes", "3.0 TiB"), (90, "seconds", "90 s"), (5400, "seconds", "90 min"),
        (7200, "seconds", "2 h"), (864000, "seconds", "10.0 d"), ("x" * 300, "", "x" * 197 + "..."),
    ],
)  # fmt: skip
def test_values_in_words(value: Any, unit: str, text: str) -> None:
    assert health_result.shown(value, unit) == text
