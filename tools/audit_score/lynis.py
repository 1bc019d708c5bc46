# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Lynis says: its index, and the tests that left something to mend."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lab.console import LabError

POINTS = re.compile(
    r"assigned (?:partial number of hardening points \((?P<got>\d+) of (?P<of>\d+)\)"
    r"|maximum number of hardening points for this item \((?P<all>\d+)\))"
)
TEST = re.compile(r"Performing test ID (?P<test>[A-Z]+-\d+) \((?P<title>.*)\)")


@dataclass(frozen=True)
class Remark:
    """A warning or a suggestion: the id of the test and what it says."""

    test: str
    text: str


@dataclass(frozen=True)
class Report:
    """One run: the index (0 to 100), how many tests were done, and the remarks."""

    index: int
    tests: int
    warnings: tuple[Remark, ...]
    suggestions: tuple[Remark, ...]


@dataclass(frozen=True)
class Loss:
    """How many points one test left: the id of the test, its title and the points, of how many."""

    test: str
    title: str
    lost: int
    of: int


def _remark(value: str) -> Remark:
    test, text, detail = [*value.split("|"), "", "", ""][:3]
    return Remark(test, f"{text}: {detail}" if detail.strip("-") else text)


def report_of(text: str) -> Report:
    """Return what a report file (lynis-report.dat) says. Raises LabError where it holds no index: the run was cut short."""
    values: dict[str, list[str]] = {}
    for line in text.splitlines():
        key, found, value = line.partition("=")
        if found:
            values.setdefault(key, []).append(value)
    try:
        index, tests = (int(values[name][-1]) for name in ("hardening_index", "lynis_tests_done"))
    except (KeyError, ValueError):
        raise LabError("the report of lynis holds no hardening_index; expected a run that came to its end") from None
    warnings, suggestions = (tuple(_remark(value) for value in values.get(f"{name}[]", [])) for name in ("warning", "suggestion"))
    return Report(index, tests, warnings, suggestions)


def losses_of(log: str) -> tuple[Loss, ...]:
    """Return which tests of a log (lynis.log) left points, the most first: it is what is worth mending next."""
    test, titles, got, possible = "", dict[str, str](), dict[str, int](), dict[str, int]()
    for line in log.splitlines():
        named = TEST.search(line)
        if named:
            test = named["test"]
            titles[test] = named["title"]
        points = POINTS.search(line)
        if points:
            of = int(points["of"] or points["all"])
            got[test] = got.get(test, 0) + int(points["got"] or points["all"])
            possible[test] = possible.get(test, 0) + of
    found = [Loss(name, titles.get(name, ""), of - got[name], of) for name, of in possible.items() if of > got[name]]
    return tuple(sorted(found, key=lambda one: (-one.lost, one.test)))
