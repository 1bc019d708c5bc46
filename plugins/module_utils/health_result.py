# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges what health checks observed, words the results, and tells which failures do not block."""

from __future__ import annotations

import dataclasses
import re
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import health_expect, health_input
from ansible_collections.groundwork.fleet.plugins.module_utils.health import Check, Observation
from ansible_collections.groundwork.fleet.plugins.module_utils.health_expect import Expected

Result = Dict[str, Any]
Results = Dict[str, Result]
STATUSES = ("failed", "warning", "skipped", "not_applicable", "ok")  # the worst first


class Verdict(NamedTuple):
    """What one look came to; `why` is empty where everything is as expected, `warning` tells what is not met of `warn`."""

    why: str
    observation: Observation
    warning: str = ""

    @property
    def passed(self) -> bool:
        """Tell whether nothing failed."""
        return not self.why


def _bytes(value: float) -> str:
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(value) < 1024:
            return "%s %s" % (("%.1f" % value).replace(".0", ""), unit)
        value /= 1024
    return "%.1f TiB" % value


def _seconds(value: float) -> str:
    if abs(value) < 10:
        return "%.3g s" % value
    for most, length, unit in ((120, 1, "s"), (7200, 60, "min"), (172800, 3600, "h")):
        if abs(value) < most:
            return "%s %s" % (("%.1f" % (value / length)).replace(".0", ""), unit)
    return "%.1f d" % (value / 86400)


def shown(value: Any, unit: str = "") -> str:
    """Return a value in words: no credentials of an address, at most 200 characters."""
    if unit and isinstance(value, (int, float)) and not isinstance(value, bool):
        return _bytes(value) if unit == "bytes" else _seconds(value)
    if isinstance(value, float):
        value = "%g" % value if abs(value) < 0.01 else ("%.2f" % value).rstrip("0").rstrip(".")
    text = ", ".join(shown(item, unit) for item in value) if isinstance(value, (list, tuple)) else str(value)
    text = text.lower() if isinstance(value, bool) else re.sub(r"://[^/@\s]+@", "://***@", text)
    return text if len(text) <= 200 else text[:197] + "..."


def _wanted(one: Expected) -> str:
    return health_expect.text(one.expectation, lambda value: shown(value, one.unit)).strip()


def _observed(one: Expected, observed: Any) -> str:
    if one.shows_observed:
        return shown(observed, one.unit)
    return "%d characters" % len(observed) if hasattr(observed, "__len__") else "something else"


def _unmet(expectations: Sequence[Expected], observation: Observation) -> str:
    wrong, missing = [], []
    for one in expectations:
        if one.fact not in observation.facts:
            missing.append("expected %s %s, observed nothing" % (one.fact, _wanted(one)))
            continue
        observed = observation.facts[one.fact]
        try:
            good = health_expect.holds(one.expectation, observed)
        except TypeError:  # a fact that a relation cannot be held against: JSON may be anything
            good = False
        if not good:
            without = "" if one.shows_observed else " without it"
            wrong.append("expected %s %s, observed %s%s" % (one.fact, _wanted(one), _observed(one, observed), without))
    why = "; ".join(wrong or missing)
    return "%s (%s)" % (why, shown(observation.note)) if why and observation.note else why


def judge(check: Check, observation: Observation) -> str:
    """Return why the observation does not meet the expectations; empty when it does."""
    return _unmet(health_input.expected(check.options), observation)


def verdict_of(check: Check, observation: Observation) -> Verdict:
    """Judge an observation, its warnings too."""
    if observation.not_applicable:
        return Verdict("", observation)
    why = judge(check, observation)
    return Verdict(why, observation, "" if why else _unmet(check.warn, observation))


def _limits(critical: Sequence[Expected], warning: Sequence[Expected]) -> Dict[str, Dict[str, List[Any]]]:
    limits: Dict[str, Dict[str, List[Any]]] = {}
    for kind, expectations in (("critical", critical), ("warning", warning)):
        for one in expectations:
            ends = health_expect.bounds(one.expectation)
            if ends is None:
                continue
            known = limits.setdefault(one.fact, {}).setdefault(kind, [None, None])
            known[0] = ends[0] if known[0] is None else known[0] if ends[0] is None else max(known[0], ends[0])
            known[1] = ends[1] if known[1] is None else known[1] if ends[1] is None else min(known[1], ends[1])
    return limits


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _told(check: Check, why: str, attempts: int, took: float, lines: Sequence[str]) -> str:
    asked = []
    for field in dataclasses.fields(check.options):
        value = getattr(check.options, field.name)
        default = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
        if field.metadata["expects"] is None and value is not None and value != default:
            asked.append("%s=%s" % (field.name, shown(value)))
    tries = "" if attempts == 1 else ", %d attempts" % attempts
    first = "%s: %s%s, %.1f s" % (" ".join([check.type.name, *asked]), why, tries, took)
    return "\n    ".join([first, *lines])


def result_of(check: Check, verdict: Verdict, attempts: int, took: float, lines: Sequence[str] = ()) -> Result:
    """Return the result of a check. lines: the detail of a failure."""
    facts, expectations = verdict.observation.facts, health_input.expected(check.options)
    status = "failed" if verdict.why else "warning" if verdict.warning else "ok"
    wanted: Dict[str, str] = {}
    for one in expectations:
        wanted[one.fact] = "%s and %s" % (wanted[one.fact], _wanted(one)) if one.fact in wanted else _wanted(one)
    for one in check.warn:
        wanted[one.fact] = "%s, without warning %s" % (wanted.get(one.fact, "anything"), _wanted(one))
    why = verdict.why or verdict.warning
    message = _told(check, why, attempts, took, lines) if why else ""
    told = {one.fact: _observed(one, facts[one.fact]) for one in (*expectations, *check.warn) if one.fact in facts}
    return {
        "status": "not_applicable" if verdict.observation.not_applicable else status,
        "type": check.type.name,
        "expected": wanted,
        "observed": told,
        "measured": {name: value for name, value in facts.items() if _is_number(value)},
        "limits": _limits(expectations, check.warn),
        "message": verdict.observation.not_applicable or message,
        "attempts": attempts,
        "seconds": round(took, 3),
    }


def skipped(check: Check, required: str, root: str) -> Result:
    """Return the result of a check that hangs on a failed one."""
    via = "" if required == root else " (by way of %s)" % required
    message = "skipped: it requires %s%s, which failed" % (root, via)
    nothing = result_of(check, Verdict("skipped", Observation({})), 0, 0.0)
    return {**nothing, "status": "skipped", "message": message, "root": root}


def overall(results: Mapping[str, Mapping[str, Any]]) -> str:
    """Return failed, warning or ok: the worst of all."""
    found = {result["status"] for result in results.values()}
    return next((status for status in ("failed", "warning") if status in found), "ok")


def ordered(results: Mapping[str, Mapping[str, Any]]) -> List[Tuple[str, Mapping[str, Any]]]:
    """Return names and results, the worst first; a failure on which others hang stands before the rest."""
    roots = {result.get("root") for result in results.values()}
    return sorted(results.items(), key=lambda item: (STATUSES.index(item[1]["status"]), item[0] not in roots))


def summary(results: Mapping[str, Mapping[str, Any]]) -> str:
    """Return how many checks ended how, in one line."""
    if not results:
        return "no checks were given"
    counts = {status: sum(1 for result in results.values() if result["status"] == status) for status in STATUSES}
    rest = {**counts, "ok": 0}
    if not any(rest.values()):
        return "all %d checks passed" % len(results) if len(results) != 1 else "1 check passed"
    words = {"warning": "with a warning", "not_applicable": "not applicable"}
    parts = ["%d %s" % (count, words.get(status, status)) for status, count in rest.items() if count]
    return ", ".join(["%d of %d checks passed" % (counts["ok"], len(results)), *parts])


def report(results: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the message for people; empty when everything is well."""
    failed = [(name, result) for name, result in ordered(results) if result["status"] == "failed"]
    lines = []
    for name, result in failed:
        lines.append("- %s: %s" % (name, result["message"]))
        hanging = [other for other, one in results.items() if one.get("root") == name]
        if hanging:
            lines.append("    skipped for it: %s" % ", ".join(hanging))
    return "%d of %d checks failed:\n%s" % (len(failed), len(results), "\n".join(lines)) if failed else ""


def has_failed(result: Mapping[str, Any]) -> bool:
    """Tell whether the check failed, be it excused."""
    return bool(result["status"] == "failed" or result.get("excused"))


def excuse(results: Results, before: Optional[Mapping[str, Mapping[str, Any]]], maintenance: Mapping[str, str]) -> Results:
    """Return the results in which known failures are warnings.

    before: the results of an earlier run: what failed then does not block now. maintenance: reasons by the name of a check.
    """
    answer: Results = {}
    for name, result in results.items():
        reason = maintenance.get(name, "")
        if not reason and before and has_failed(before.get(name, {"status": ""})):
            reason = "failed before too"
        if reason and result["status"] == "failed":
            result = {**result, "status": "warning", "excused": reason, "message": "%s (%s)" % (result["message"], reason)}
        answer[name] = result
    return answer
