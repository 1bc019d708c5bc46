# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The view of a fleet's health for a terminal: a table that fits its width, failures first, healthy hosts in one line each."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from ansible_collections.groundwork.fleet.plugins.plugin_utils.health_results import Line, counted

SHORTEST = 12  # columns that a cut cell still has
NARROWEST = 40
WORDS = {"failed": "FAILED", "warning": "WARNING", "skipped": "skipped", "not_applicable": "n/a", "ok": "ok"}
GAP = "  "


def width_of(text: str) -> int:
    """Return how many columns a text takes: wide characters take two, combining ones none."""
    return sum(0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def cut(text: str, width: int) -> str:
    """Return the text in at most `width` columns; what is cut ends with an ellipsis."""
    if width_of(text) <= width:
        return text
    taken, room = "", max(width, 1) - 1
    for one in text:
        if width_of(taken + one) > room:
            break
        taken += one
    return taken + "…"


def plain(text: str) -> str:
    """Return one line without control characters: what a host sends must not move the cursor."""
    one_line = " ".join(text.split())
    return "".join(one if unicodedata.category(one)[0] != "C" else "?" for one in one_line)


def laid_out(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return the rows as lines of at most `width` columns. The last column takes what is left, the others shrink only where it has to."""
    rows = [[plain(cell) for cell in row] for row in rows]
    if not rows:
        return []
    widths = [max(width_of(row[number]) for row in rows) for number in range(len(rows[0]))]
    last = len(widths) - 1
    room = width - len(GAP) * last
    while sum(widths[:last]) > room - min(widths[last], room // 3) and max(widths[:last]) > SHORTEST:
        widest = max(range(last), key=lambda number: widths[number])
        widths[widest] -= 1
    widths[last] = max(room - sum(widths[:last]), 1)
    found = []
    for row in rows:
        cells = [cut(cell, widths[number]) for number, cell in enumerate(row)]
        padded = [cell + " " * (widths[number] - width_of(cell)) for number, cell in enumerate(cells)]
        found.append(cut(GAP.join(padded).rstrip(), width))
    return found


def first_line(message: str) -> str:
    """Return the first line of a check's message: the journal's lines below it have no place in a table."""
    return message.strip().split("\n", 1)[0]


def why(line: Line, room: int) -> str:
    """Return what the table says of a check: why its failure does not block first; in few columns what was expected before where."""
    told = first_line(line.message.removesuffix(f" ({line.excused})") if line.excused else line.message)
    lead = f"({line.excused}) " if line.excused else ""
    where, found, cause = told.partition(": expected ")
    if found and width_of(lead + told) > room:
        told = f"expected {cause} ({where})"
    return lead + told


def _totals(lines: Sequence[Line]) -> str:
    counts = {status: count for status, count in counted(lines).items() if count}
    told = ", ".join(f"{count} {WORDS.get(status, status).lower()}" for status, count in counts.items())
    hosts = {line.host for line in lines}
    checks, places = ("check" if len(lines) == 1 else "checks"), ("host" if len(hosts) == 1 else "hosts")
    return f"{len(lines)} {checks} on {len(hosts)} {places}: {told or 'nothing was checked'}"


def table(lines: Iterable[Line], width: int = 80, every: bool = False) -> str:
    """Return the view. every: healthy checks stand in it one by one, otherwise each host has one line of counts."""
    found, width = list(lines), max(width, NARROWEST)
    shown = [line for line in found if every or line.status not in ("ok", "not_applicable")]
    cells = [(WORDS.get(line.status, line.status), line.host, line.check) for line in shown]
    taken = sum(max((width_of(plain(cell)) for cell in column), default=0) + len(GAP) for column in zip(*cells, strict=True))
    rows = [(*three, why(line, width - taken)) for three, line in zip(cells, shown, strict=True)]
    parts = []
    if rows:
        parts.append("\n".join(laid_out([("STATUS", "HOST", "CHECK", "WHY"), *rows], width)))
    if not every:
        hosts = sorted({line.host for line in found}, key=lambda host: (host not in {line.host for line in shown}, host))
        counts = [(host, _of_host([line for line in found if line.host == host])) for host in hosts]
        if counts:
            parts.append("\n".join(laid_out(counts, width)))
    parts.append(cut(_totals(found), width))
    return "\n\n".join(parts)


def _of_host(lines: Sequence[Line]) -> str:
    counts = counted(lines)
    told = [f"{count} {WORDS.get(status, status).lower()}" for status, count in counts.items() if count]
    return ", ".join(told)
