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

from ansible_collections.groundwork.fleet.plugins.module_utils import health, health_result, health_run


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


def test_a_good_check() -> None:
    result = health_run.run([check(saw({"up": True}))], 5)["a"]
    assert {key: result[key] for key in ("status", "type", "expected", "observed", "message", "attempts")} == {
        "status": "ok", "type": "fake", "expected": {"up": "true"}, "observed": {"up": "true"}, "message": "", "attempts": 1,
    }  # fmt: skip


def test_the_report_names_each_failed_check() -> None:
    failing = saw({"up": False}, note="refused", detail=lambda: "one\ntwo\n")
    text = health_result.report(health_run.run([check(saw({"up": True}), "good"), check(failing, "bad", subject="x")], 5))
    assert text.startswith("1 of 2 checks failed:\n- bad: fake subject=x: expected up true, observed false (refused), 0.")
    assert text.endswith("\n    one\n    two")
    assert health_result.report({"good": {"status": "ok", "message": ""}}) == ""


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
    assert health_result.report({"a": result}) == ""


def test_several_looks_in_a_row_have_to_pass() -> None:
    result = health_run.run([check(in_turn(UP, DOWN, UP), passes=3, delay=0.01, retries=1)], 5)["a"]
    assert (result["status"], result["attempts"]) == ("ok", 2)
    result = health_run.run([check(in_turn(UP, UP, DOWN), passes=3, delay=0.01)], 5)["a"]
    assert "expected up true, observed false, look 3 of 3" in result["message"]


def test_what_hangs_on_a_failed_check_is_skipped_with_its_root_cause() -> None:
    never = saw({"up": True})
    checks = [check(never, "page", requires=("app",)), check(never, "app", requires=("database",)), check(in_turn(DOWN), "database")]
    results = health_run.run([*checks, check(never, "other", requires=("page",)), check(never, "free")], 5)
    assert list(results) == ["page", "app", "database", "other", "free"]
    assert {name: result["status"] for name, result in results.items()} == {
        "page": "skipped", "app": "skipped", "database": "failed", "other": "skipped", "free": "ok",
    }  # fmt: skip
    assert results["page"]["root"] == "database"
    assert results["app"]["message"] == "skipped: it requires database, which failed"
    assert results["page"]["message"] == "skipped: it requires database (by way of app), which failed"


def test_what_requires_a_good_check_runs_after_it() -> None:
    order: list[str] = []

    def noted(name: str, seconds: float) -> Callable[[Any, health.Deadline], health.Observation]:
        def look(_options: Any, _deadline: health.Deadline) -> health.Observation:
            time.sleep(seconds)
            order.append(name)
            return UP

        return look

    health_run.run([check(noted("second", 0), "second", requires=("first",)), check(noted("first", 0.1), "first")], 5)
    assert order == ["first", "second"]


def test_hung_checks_delay_no_other_however_many_they_are() -> None:
    release = threading.Event()

    def hang(_options: Any, _deadline: health.Deadline) -> health.Observation:
        release.wait(30)
        return UP

    hung = [check(hang, "hung %d" % number, timeout=2) for number in range(60)]
    started = time.monotonic()
    results = health_run.run([*hung, *(check(saw({"up": True}), "good %d" % number) for number in range(20))], 10)
    took = time.monotonic() - started
    release.set()
    assert took < 5, "their timeouts pass at the same time"
    assert all("no answer within 2.0 s" in results["hung %d" % number]["message"] for number in range(60))
    assert all(results["good %d" % number]["seconds"] < 1 for number in range(20))


def test_slow_details_delay_no_other() -> None:
    def slow() -> str:
        time.sleep(0.5)
        return "lines"

    failing = [check(saw({"up": False}, detail=slow), str(number)) for number in range(6)]
    started = time.monotonic()
    results = health_run.run(failing, 5)
    assert time.monotonic() - started < 2
    assert all(result["message"].endswith("\n    lines") for result in results.values())
