# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results of health checks as other programs read them: Nagios and Icinga, Prometheus, a terminal."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils.health_result import STATUSES, ordered, overall, summary
from ansible_collections.groundwork.fleet.plugins.module_utils.metrics import Sample, family

Results = Mapping[str, Mapping[str, Any]]
UNKNOWN = 3
_CODES = {"ok": 0, "warning": 1, "failed": 2}
_WORDS = {"ok": "OK", "warning": "WARNING", "failed": "CRITICAL"}
_MARKS = {"ok": "ok", "warning": "WARNING", "failed": "FAILED", "skipped": "skipped", "not_applicable": "not applicable"}


def nagios_code(results: Results) -> int:
    """Return the exit status that says how the worst check ended: 0 ok, 1 warning, 2 failed."""
    return _CODES[overall(results)]


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(round(value, 6))


def _range(ends: Optional[Sequence[Any]]) -> str:
    """Return a threshold as plugins write it: 10 (0 to 10 is well), 5: (from 5 on), ~:10 (up to 10), 5:10."""
    if not ends or (ends[0] is None and ends[1] is None):
        return ""
    if ends[1] is None:
        return _number(ends[0]) + ":"
    return ("~:" if ends[0] is None else _number(ends[0]) + ":") + _number(ends[1])


def _line(text: str) -> str:
    return " ".join(text.replace("|", "/").split())


def _label(text: str) -> str:
    return "".join("_" if sign in "='|\n" else sign for sign in text)


def _performance(name: str, result: Mapping[str, Any]) -> List[str]:
    found = []
    for fact, value in sorted(result.get("measured", {}).items()):
        limits = result.get("limits", {}).get(fact, {})
        data = [_number(value), _range(limits.get("warning")), _range(limits.get("critical"))]
        found.append("'%s'=%s" % (_label("%s %s" % (name, fact)), ";".join(data).rstrip(";")))
    return found


def _remarked(remark: str) -> str:
    return " (%s)" % remark if remark else ""


def to_nagios(results: Results, remark: str = "") -> str:
    """Return what a plugin of Nagios or Icinga prints: the state in the first line, each finding in a line of its own, performance data.

    remark: what the first line says besides.
    """
    bad = [(name, result) for name, result in ordered(results) if result["status"] in ("failed", "warning")]
    named = ": %s" % ", ".join(name for name, _result in bad) if bad else ""
    first = "HEALTH %s - %s%s%s" % (_WORDS[overall(results)], summary(results), named, _remarked(remark))
    data = [word for name, result in results.items() for word in _performance(name, result)]
    seconds = sum(result.get("seconds", 0.0) for result in results.values())
    data.append("'checks'=%d 'seconds'=%ss" % (len(results), _number(seconds)))
    lines = ["[%s] %s: %s" % (_WORDS[result["status"]], name, _line(result["message"])) for name, result in bad]
    return "\n".join(["%s | %s" % (_line(first), " ".join(data)), *lines])


def to_textfile(results: Results, now: float, took: float = 0.0) -> str:
    """Return the results as Prometheus metrics. now: seconds since 1970; took: how many seconds the run took."""
    labels = {name: {"check": name, "type": result.get("type", "")} for name, result in results.items()}
    # What was skipped says nothing of itself: an alert on it would hide the check that it hangs on.
    told = {name: result for name, result in results.items() if result["status"] not in ("not_applicable", "skipped")}
    good: List[Sample] = [(labels[name], int(result["status"] in ("ok", "warning"))) for name, result in told.items()]
    warning: List[Sample] = [(labels[name], int(result["status"] == "warning")) for name, result in told.items()]
    seconds: List[Sample] = [(labels[name], _number(result.get("seconds", 0.0))) for name, result in told.items()]
    facts: List[Sample] = [
        ({**labels[name], "fact": fact}, _number(value))
        for name, result in results.items()
        for fact, value in sorted(result.get("measured", {}).items())
    ]
    counts: List[Sample] = [({"status": one}, sum(result["status"] == one for result in results.values())) for one in STATUSES]
    passed = "1 where the check passed, with a warning or not, 0 where it failed; none where it was skipped."
    prefix = "groundwork_health_"
    lines = [
        *family(prefix + "check_ok", passed, good),
        *family(prefix + "check_warning", "1 where the check ended with a warning.", warning),
        *family(prefix + "check_seconds", "How long the check took.", seconds),
        *family(prefix + "measured", "A number that the check observed.", facts),
        *family(prefix + "checks", "How many checks ended how.", counts),
        *family(prefix + "last_run_seconds", "When the checks ran, in seconds since 1970.", [({}, _number(now))]),
        *family(prefix + "run_seconds", "How long all checks together took.", [({}, _number(took))]),
    ]
    return "\n".join(lines) + "\n"


def to_text(results: Results, remark: str = "") -> str:
    """Return the results for a terminal, failures first. remark: what the last line says besides."""
    width = max([len(name) for name in results] or [0])
    lines = [("%-14s  %-*s  %s" % (_MARKS[result["status"]], width, name, result["message"])).rstrip() for name, result in ordered(results)]
    return "\n".join([*lines, summary(results) + _remarked(remark)])


def to_report(results: Results, host: str, now: float, took: float) -> Dict[str, Any]:
    """Return the whole report of a run, for JSON."""
    told = {"host": host, "time": round(now, 3), "seconds": round(took, 3), "status": overall(results), "summary": summary(results)}
    return {**told, "checks": dict(results)}
