# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objectives of services as rules of Prometheus: how fast their budget of errors is burnt, seen over several windows at once.

The windows and factors are those of the Site Reliability Workbook (Google, 2018), chapter 5, "Multiwindow, Multi-Burn-Rate Alerts".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name

KEYS = ("service", "name", "objective", "errors", "total", "labels")
WINDOW = "$window"
#: How many times too fast the budget of 30 days is burnt, over a long and a short window: at 14.4 it loses 2 % within an hour.
PAGES = ((14.4, "1h", "5m"), (6.0, "6h", "30m"))
TICKETS = ((3.0, "1d", "2h"), (1.0, "3d", "6h"))
WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
RATIO = "groundwork_slo_errors_ratio"


def checked(number: int, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return one objective with its name and a whole expression for the share of errors. Raises BadInput."""
    where = f"monitoring_slos[{number}]"
    for key in given:
        if key not in KEYS:
            raise unknown_name("key of an objective", where, str(key), KEYS)
    service = str(given.get("service") or given.get("name") or "")
    if not service:
        raise bad_input(f"{where}.service", given.get("service"), "the name of a service", "Say whose objective it is.")
    objective = given.get("objective")
    if isinstance(objective, bool) or not isinstance(objective, (int, float)) or not 50 <= objective < 100:
        raise bad_input(f"{where}.objective", objective, "a percentage from 50 to below 100", "Write objective: 99.9.")
    errors, total = given.get("errors"), given.get("total")
    if bool(errors) != bool(total):
        raise bad_input(
            f"{where}.{'total' if errors else 'errors'}", None, "an expression, as its counterpart is there", "Give both or none."
        )
    for key, text in (("errors", errors), ("total", total)):
        if text and WINDOW not in str(text):
            remedy = f"Write sum(rate(http_requests_total[{WINDOW}]))."
            raise bad_input(f"{where}.{key}", text, f"an expression with {WINDOW} as its range", remedy)
    share = f"({errors}) / ({total})" if errors else f'1 - avg by (service) (avg_over_time(probe_success{{service="{service}"}}[{WINDOW}]))'
    return {"service": service, "name": str(given.get("name") or service), "budget": (100 - float(objective)) / 100, "share": share,
            "objective": objective, "labels": {str(key): str(value) for key, value in (given.get("labels") or {}).items()}}  # fmt: skip


def rules(objectives: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the file of rules for all objectives: the share of errors over each window, and alerts on how fast the budget goes.

    objectives: `{service, objective}`, with `errors` and `total` as expressions over `$window`; without them the probes of the
    service count. The alerts are `slo_burns_fast` (critical) and `slo_burns_slowly` (warning). Raises BadInput.
    """
    groups, names = [], set()
    for number, given in enumerate(objectives):
        one = checked(number, given)
        if one["name"] in names:
            raise bad_input(f"monitoring_slos[{number}].name", one["name"], "each name once", "Give the second a `name` of its own.")
        names.add(one["name"])
        labels = {"slo": one["name"], "service": one["service"]}
        found: list[dict[str, Any]] = [
            {"record": RATIO, "expr": one["share"].replace(WINDOW, window), "labels": {**labels, "window": window}} for window in WINDOWS
        ]
        for alert, severity, pairs, wait in (("slo_burns_fast", "critical", PAGES, "2m"), ("slo_burns_slowly", "warning", TICKETS, "15m")):
            found.append(
                {
                    "alert": alert,
                    "expr": " or ".join(_burnt(one, *pair) for pair in pairs),
                    "for": wait,
                    "labels": {**labels, "severity": severity, **one["labels"]},
                    "annotations": {
                        "summary": f"{one['name']} misses its objective of {one['objective']} %: "
                        "{{ $value | humanizePercentage }} of all answers are errors",
                        "runbook_url": f"docs/runbooks/{alert}.md",
                    },
                }
            )
        groups.append({"name": f"slo {one['name']}", "rules": found})
    return {"groups": groups}


def _burnt(one: Mapping[str, Any], factor: float, long: str, short: str) -> str:
    limit = format(factor * one["budget"], ".6g")
    over = [f'max by (slo) ({RATIO}{{slo="{one["name"]}", window="{window}"}}) > {limit}' for window in (long, short)]
    return f"({over[0]} and {over[1]})"
