# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs health checks at once, judges what they observed and words the result."""

from __future__ import annotations

import dataclasses
import re
import threading
import time
from typing import Any, Dict, List, Mapping, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Check, Deadline, Observation, Relation


@dataclasses.dataclass(frozen=True)
class _Verdict:
    ok: bool
    why: str
    observation: Observation


def _expectations(check: Check) -> List[Tuple[str, Relation, Any]]:
    found = []
    for field in dataclasses.fields(check.options):
        relation, wanted = field.metadata["expects"], getattr(check.options, field.name)
        if relation is not None and wanted is not None:
            found.append((field.metadata["fact"] or field.name, relation, wanted))
    return found


def _shown(value: Any) -> str:
    text = ", ".join(_shown(item) for item in value) if isinstance(value, list) else str(value)
    text = text.lower() if isinstance(value, bool) else re.sub(r"://[^/@\s]+@", "://***@", text)
    return text if len(text) <= 200 else text[:197] + "..."


def _wanted_text(relation: Relation, wanted: Any) -> str:
    words = "" if isinstance(wanted, list) and len(wanted) == 1 else relation.words
    return (words + " " + _shown(wanted)).strip()


def _observed_text(relation: Relation, observed: Any) -> str:
    return _shown(observed) if relation.shows_observed else "%d characters without it" % len(observed)


def judge(check: Check, observation: Observation) -> str:
    """Return why the observation does not meet the expectations; empty when it does."""
    wrong, missing = [], []
    for fact, relation, wanted in _expectations(check):
        if fact not in observation.facts:
            missing.append("expected %s %s, observed nothing" % (fact, _wanted_text(relation, wanted)))
        elif not relation.holds(observation.facts[fact], wanted):
            observed = _observed_text(relation, observation.facts[fact])
            wrong.append("expected %s %s, observed %s" % (fact, _wanted_text(relation, wanted), observed))
    why = "; ".join(wrong or missing)
    return "%s (%s)" % (why, _shown(observation.note)) if why and observation.note else why


def _attempt(check: Check, end: Deadline) -> _Verdict:
    """Look once, in a thread of its own: one that hangs is left behind."""
    deadline = Deadline(check.timeout, end)
    seen: List[Observation] = []
    errors: List[str] = []

    def look() -> None:
        try:
            seen.append(check.type.observe(check.options, deadline))
        except Exception as error:  # pylint: disable=broad-except  # whatever a check meets is its finding
            errors.append("%s: %s" % (type(error).__name__, error))

    started = time.monotonic()
    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(deadline.left() + 0.2)
    if seen:
        why = "" if seen[0].not_applicable else judge(check, seen[0])
        return _Verdict(not why, why, seen[0])
    why = errors[0] if errors else "no answer within %.1f s" % (time.monotonic() - started)
    return _Verdict(False, why, Observation({}))


def _hold(check: Check, first: _Verdict, end: Deadline) -> _Verdict:
    started = time.monotonic()
    until = Deadline(check.stable_for)
    latest = first
    while latest.ok and not until.passed():
        time.sleep(min(check.delay, until.left(), end.left()))
        latest = _attempt(check, end)
        held = "after %.1f s of stable_for %g s" % (time.monotonic() - started, check.stable_for)
        if not latest.ok:
            return _Verdict(False, "%s, %s" % (latest.why, held), latest.observation)
        if latest.observation.identity != first.observation.identity:
            return _Verdict(False, "it was restarted %s" % held, latest.observation)
        if end.passed() and not until.passed():
            return _Verdict(False, "the total timeout ended %s" % held, latest.observation)
    return latest


def _result(check: Check, verdict: _Verdict, attempts: int, took: float) -> Dict[str, Any]:
    facts = verdict.observation.facts
    expectations = _expectations(check)
    asked = []
    for field in dataclasses.fields(check.options):
        value = getattr(check.options, field.name)
        if field.metadata["expects"] is None and value is not None:
            asked.append("%s=%s" % (field.name, _shown(value)))
    message = ""
    if not verdict.ok:
        tries = "" if attempts == 1 else ", %d attempts" % attempts
        message = "%s %s: %s%s, %.1f s" % (check.type.name, " ".join(asked), verdict.why, tries, took)
        detail = verdict.observation.detail
        if detail is not None:
            lines = detail().strip().splitlines()
            message = "\n    ".join([message, *lines])
    return {
        "status": ("not_applicable" if verdict.observation.not_applicable else "ok") if verdict.ok else "failed",
        "type": check.type.name,
        "expected": {fact: _wanted_text(relation, wanted) for fact, relation, wanted in expectations},
        "observed": {
            fact: _shown(facts[fact]) if relation.shows_observed else "%d characters" % len(facts[fact])
            for fact, relation, _wanted in expectations
            if fact in facts
        },
        "message": verdict.observation.not_applicable or message,
        "attempts": attempts,
        "seconds": round(took, 3),
    }


def _follow(check: Check, end: Deadline) -> Dict[str, Any]:
    started = time.monotonic()
    attempts = 0
    while True:
        attempts += 1
        verdict = _attempt(check, end)
        if verdict.ok and check.stable_for:
            verdict = _hold(check, verdict, end)
        if verdict.ok or attempts > check.retries or end.left() <= check.delay:
            return _result(check, verdict, attempts, time.monotonic() - started)
        time.sleep(check.delay)


def run(checks: List[Check], total: float) -> Dict[str, Dict[str, Any]]:
    """Run all checks at once, each for itself, and return their results by name after at most `total` seconds."""
    end = Deadline(total)
    results: Dict[str, Dict[str, Any]] = {}

    def follow(check: Check) -> None:
        results[check.name] = _follow(check, end)

    threads = [threading.Thread(target=follow, args=(check,), daemon=True) for check in checks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(end.left() + 10)  # the details of a failure are fetched after the deadline
    nothing = _Verdict(False, "no answer within the total timeout of %g s" % total, Observation({}))
    return {check.name: results.get(check.name) or _result(check, nothing, 1, total) for check in checks}


def report(results: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the message for people; empty when everything is well."""
    failed = ["- %s: %s" % (name, result["message"]) for name, result in results.items() if result["status"] == "failed"]
    return "%d of %d checks failed:\n%s" % (len(failed), len(results), "\n".join(failed)) if failed else ""
