#!/usr/bin/env python3
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask a Prometheus every query of every dashboard and name the panels without data. `--prometheus` says which, by default the lab's."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from lab import engine, prometheus
from lab.console import LabError

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = ROOT / "catalogue" / "dashboards"
#: Panels that may be empty on the lab, by dashboard and title, with the reason.
WITHOUT_DATA: dict[tuple[str, str], str] = {
    ("logs", "Server that is sent to"): "the lab has one log server",
    ("logs", "Turns to another server in an hour"): "the lab has one log server",
    ("postgresql", "Behind its primary"): "the lab has no standby",
}
RANGES = {"$__rate_interval": "5m", "$__interval": "1m", "$__range": "1h"}


class Query(NamedTuple):
    """One query of a panel, as Prometheus takes it."""

    dashboard: str
    panel: str
    legend: str
    expression: str


def entries() -> dict[str, Any]:
    """Return name to entry of the catalogue's dashboards."""
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(CATALOGUE.glob("*.yml"))}


def filled_in(expression: str) -> str:
    """Return a query with each variable standing for all values, as Grafana sends it."""
    for name, value in RANGES.items():
        expression = expression.replace(name, value)
    return re.sub(r"\$\w+", ".+", expression)


def queries(dashboards: Mapping[str, Any]) -> list[Query]:
    """Return every query of every panel."""
    return [
        Query(name, str(panel["title"]), str(legend), filled_in(str(expression)))
        for name, entry in dashboards.items()
        for panel in entry["panels"]
        if "queries" in panel
        for legend, expression in panel["queries"].items()
    ]


def problems(
    ask: prometheus.Ask, dashboards: Mapping[str, Any], allowed: Mapping[tuple[str, str], str], at: float | None = None
) -> list[str]:
    """Return a line for each query without data now, or `at` a time, and for each exception that is none. Raises LabError."""
    asked = queries(dashboards)
    answers = prometheus.instants(ask, [one.expression for one in asked], at)
    empty = [one for one, series in zip(asked, answers, strict=True) if not series]
    found = [f"{one.dashboard}: {one.panel} ({one.legend}) has no data: {one.expression}" for one in empty if one[:2] not in allowed]
    unused = set(allowed) - {one[:2] for one in empty}
    return found + [f"{name}: {title} has data: take it out of WITHOUT_DATA" for name, title in sorted(unused)]


def source(address: str | None) -> prometheus.Ask:
    """Return what asks the Prometheus at an address, or that of the lab. Raises LabError."""
    if address:
        return prometheus.at(address)
    found = engine.ready().containers.list(filters={"name": f"^{prometheus.MONITORING}$"})
    if not found:
        raise LabError("the lab is not up: run ./run staging, or name a Prometheus by --prometheus http://…")
    return prometheus.on_host(found[0])


def main() -> int:
    """Say which panels have no data and return 1 where there is one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prometheus", metavar="ADDRESS", help="the Prometheus that is asked (default: that of the lab)")
    parser.add_argument("--at", metavar="SECONDS", type=float, help="ask for the values at this time, seconds since 1970 (default: now)")
    arguments = parser.parse_args()
    known = entries()
    try:
        found = problems(source(arguments.prometheus), known, WITHOUT_DATA, arguments.at)
    except (LabError, OSError) as error:
        sys.stderr.write(f"dashboards: {error}\n")
        return 1
    sys.stdout.write("".join(f"{line}\n" for line in [*found, f"{len(queries(known))} queries, {len(found)} problems"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
