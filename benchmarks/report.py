# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From figures to a page: spreads, paired ratios, slopes, verdicts and Markdown. Nothing here measures or writes."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

RESOLUTION = 0.05  # seconds: what is left of a command after taking off an empty one is not known better than this
QUIET = 1.5  # on a machine of one's own the longest run of the same work takes less than this many times the shortest


@dataclass(frozen=True)
class Verdict:
    """Whether a target is met by the median, and by every round; `met` is None where it was not measured."""

    target: str
    figure: str
    met: bool | None
    always: bool = True


@dataclass(frozen=True)
class Table:
    """A table: the first column is text, the others are figures."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """What one suite has to say."""

    name: str
    title: str
    text: tuple[str, ...]
    tables: tuple[Table, ...]
    verdicts: tuple[Verdict, ...]
    taken: str = ""


def section_of(data: Mapping[str, Any]) -> Section:
    """Return the section that `dataclasses.asdict` made this of, also after a journey through JSON."""
    tables = (Table(one["title"], tuple(one["header"]), tuple(map(tuple, one["rows"]))) for one in data["tables"])
    judged = (Verdict(**one) for one in data["verdicts"])
    return Section(data["name"], data["title"], tuple(data["text"]), tuple(tables), tuple(judged), data["taken"])


def number(value: float) -> str:
    """Return a figure with three significant digits, as people read it."""
    if abs(value) >= 99.95:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 9.995 else f"{value:.2f}"


def spread(values: Sequence[float], unit: str = "") -> str:
    """Return median and range: `1.23 s (1.20 to 1.31)`."""
    middle = f"{number(statistics.median(values))}{f' {unit}' if unit and unit != 'x' else unit}"
    return middle if len(values) == 1 else f"{middle} ({number(min(values))} to {number(max(values))})"


def net(whole: Sequence[float], empty: Sequence[float]) -> list[float]:
    """Return what a command took in each round beyond the median of the empty ones, at least RESOLUTION.

    The median, because an empty command that something else on the machine slowed down would make its round look too good.
    """
    usual = statistics.median(empty)
    return [max(one - usual, RESOLUTION) for one in whole]


def noise(name: str, values: Sequence[float]) -> str:
    """Return a warning where the same work took very different times, nothing otherwise."""
    if max(values) <= QUIET * min(values):
        return ""
    return (
        f"**The machine was busy with something else**: {name}, always the same work, took {number(min(values))} to "
        f"{number(max(values))} s. Read the ratios with care, or measure again."
    )


def ratios(peer: Sequence[float], ours: Sequence[float]) -> list[float]:
    """Return, round by round, how many times longer the peer took."""
    return [one / other for one, other in zip(peer, ours, strict=True)]


def slope(points: Mapping[float, float]) -> float:
    """Return by how much the value grows with each step of the key: least squares."""
    if len(points) < 2:
        raise ValueError(f"a slope of {len(points)} points: expected at least 2; measure another size")
    across, up = statistics.mean(points), statistics.mean(points.values())
    return sum((key - across) * (value - up) for key, value in points.items()) / sum((key - across) ** 2 for key in points)


def at_least(target: str, values: Sequence[float], limit: float) -> Verdict:
    """Return the verdict on a ratio that should reach a limit: the median counts."""
    return Verdict(target, spread(values, "x"), statistics.median(values) >= limit, min(values) >= limit)


def at_most(target: str, values: Sequence[float], limit: float, unit: str) -> Verdict:
    """Return the verdict on a figure that should not pass a limit: the median counts."""
    return Verdict(target, spread(values, unit), statistics.median(values) <= limit, max(values) <= limit)


def not_measured(target: str, why: str) -> Verdict:
    """Return the verdict on a target that this run says nothing about."""
    return Verdict(target, why, None)


def table(content: Table) -> str:
    """Return a table in Markdown."""
    rule = ["---", *("---:" for _ in content.header[1:])]
    lines = ["| " + " | ".join(row) + " |" for row in (content.header, rule, *content.rows)]
    return "\n".join([*([f"**{content.title}**", ""] if content.title else []), *lines])


def verdicts(content: Sequence[Verdict]) -> str:
    """Return the verdicts in Markdown."""
    said = {None: "not measured", False: "**missed**", True: "met"}
    rows = ((one.target, one.figure, "met by the median only" if one.met and not one.always else said[one.met]) for one in content)
    return table(Table("", ("target", "measured", "verdict"), tuple(rows)))


def section(content: Section) -> str:
    """Return a section in Markdown."""
    parts = [f"## {content.title}", *content.text, *map(table, content.tables)]
    if content.verdicts:
        parts.append(verdicts(content.verdicts))
    if content.taken:
        parts.append(f"Measured {content.taken}.")
    return "\n\n".join(parts)


def page(sections: Sequence[Section], introduction: Sequence[str], missing: Sequence[str] = ()) -> str:
    """Return the whole page in Markdown."""
    parts = ["# Performance", *introduction, *map(section, sections)]
    parts += [f"## {name}\n\nNot measured yet: `./run bench {name} --write`." for name in missing]
    return "\n\n".join(parts) + "\n"
