# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks run at once, each for itself; what they observed is judged and worded in one place."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health, health_run


@dataclasses.dataclass
class Options:
    subject: str = health.option("what is looked at", "it")
    up: bool = health.option("", True, expects=health.equal)
    status: Sequence[int] | None = health.option("", None, expects=health.one_of)
    minimum: int | None = health.option("", None, expects=health.at_least, fact="count")
    maximum: int | None = health.option("", None, expects=health.at_most, fact="count")
    contains: str | None = health.option("", None, expects=health.contains, fact="content")


def check(observe: Callable[[Any, health.Deadline], health.Observation], name: str = "a", **settings: Any) -> health.Check:
    options = Options(**{key: settings.pop(key) for key in list(settings) if key in Options.__dataclass_fields__})
    return health.Check(name, health.CheckType("fake", Options, observe), options, **settings)


def saw(facts: dict[str, Any], **more: Any) -> Callable[[Any, health.Deadline], health.Observation]:
    return lambda _options, _deadline: health.Observation(facts, **more)


def in_turn(*observations: health.Observation) -> Callable[[Any, health.Deadline], health.Observation]:
    waiting = list(observations)
    return lambda _options, _deadline: waiting.pop(0) if len(waiting) > 1 else waiting[0]


UP, DOWN = health.Observation({"up": True}), health.Observation({"up": False})


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
    assert health_run.judge(check(saw(facts), **expected), health.Observation(facts)) == why


def test_a_good_check() -> None:
    result = health_run.run([check(saw({"up": True}))], 5)["a"]
    assert {key: result[key] for key in ("status", "type", "expected", "observed", "message", "attempts")} == {
        "status": "ok", "type": "fake", "expected": {"up": "true"}, "observed": {"up": "true"}, "message": "", "attempts": 1,
    }  # fmt: skip


def test_the_report_names_each_failed_check() -> None:
    failing = saw({"up": False}, note="refused", detail=lambda: "one\ntwo\n")
    text = health_run.report(health_run.run([check(saw({"up": True}), "good"), check(failing, "bad", subject="x")], 5))
    assert text.startswith("1 of 2 checks failed:\n- bad: fake subject=x: expected up true, observed false (refused), 0.")
    assert text.endswith("\n    one\n    two")
    assert health_run.report({"good": {"status": "ok", "message": ""}}) == ""


def test_credentials_in_addresses_and_content_stay_out() -> None:
    result = health_run.run([check(saw({"up": True, "content": "the secret"}), subject="http://u:pass@host/", contains="x")], 5)["a"]
    assert "pass" not in result["message"]
    assert "http://***@host/" in result["message"]
    assert "secret" not in str(result)


def test_retries_until_it_is_good() -> None:
    result = health_run.run([check(in_turn(DOWN, DOWN, UP), retries=5, delay=0.01)], 5)["a"]
    assert (result["status"], result["attempts"]) == ("ok", 3)


def test_retries_end() -> None:
    result = health_run.run([check(in_turn(DOWN), retries=2, delay=0.01)], 5)["a"]
    assert (result["status"], result["attempts"]) == ("failed", 3)
    assert "3 attempts" in result["message"]


def test_the_total_timeout_ends_retries() -> None:
    started = time.monotonic()
    assert health_run.run([check(in_turn(DOWN), retries=1000, delay=0.05)], 0.3)["a"]["status"] == "failed"
    assert time.monotonic() - started < 2


def test_a_hung_check_delays_no_other_and_is_itself_retried() -> None:
    def hang(_options: Any, _deadline: health.Deadline) -> health.Observation:
        time.sleep(60)
        return UP

    started = time.monotonic()
    results = health_run.run([check(hang, "hung", timeout=0.1, retries=1, delay=0.01), check(saw({"up": True}), "good")], 5)
    assert time.monotonic() - started < 3
    assert results["good"]["seconds"] < 0.5
    assert results["hung"]["attempts"] == 2
    assert "no answer within 0." in results["hung"]["message"]


def test_checks_run_at_the_same_time() -> None:
    together = threading.Barrier(8, timeout=5)

    def meet(_options: Any, _deadline: health.Deadline) -> health.Observation:
        together.wait()
        return UP

    results = health_run.run([check(meet, str(number)) for number in range(8)], 10)
    assert {result["status"] for result in results.values()} == {"ok"}


def test_an_error_of_a_check_is_its_finding() -> None:
    def fall(_options: Any, _deadline: health.Deadline) -> health.Observation:
        raise PermissionError("not for you")

    assert "PermissionError: not for you" in health_run.run([check(fall)], 5)["a"]["message"]


def test_stable_for_takes_its_time() -> None:
    result = health_run.run([check(in_turn(UP), stable_for=0.2, delay=0.05)], 5)["a"]
    assert result["status"] == "ok"
    assert result["seconds"] >= 0.2


def test_what_fails_meanwhile_is_not_stable() -> None:
    result = health_run.run([check(in_turn(UP, UP, DOWN), stable_for=1, delay=0.02)], 5)["a"]
    assert "observed false, after 0." in result["message"]


def test_what_is_restarted_meanwhile_is_not_stable_but_may_become_so() -> None:
    first, second = health.Observation({"up": True}, identity="1"), health.Observation({"up": True}, identity="2")
    assert "it was restarted" in health_run.run([check(in_turn(first, second), stable_for=0.5, delay=0.02)], 5)["a"]["message"]
    assert health_run.run([check(in_turn(first, second), stable_for=0.1, delay=0.02, retries=1)], 5)["a"]["status"] == "ok"


def test_a_deadline_never_outlives_its_parent() -> None:
    assert health.Deadline(60, health.Deadline(0.1)).left() <= 0.1
    assert health.Deadline(0).passed()
    assert health.Deadline(0).left() > 0


def test_what_a_host_cannot_have_is_neither_passed_nor_failed() -> None:
    result = health_run.run([check(saw({"up": False}, not_applicable="container"))], 5)["a"]
    assert (result["status"], result["message"]) == ("not_applicable", "container")
    assert health_run.report({"a": result}) == ""
