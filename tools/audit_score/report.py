# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From verdicts to text: the table of a terminal and the page docs/audit-score.md. Nothing here measures or writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tools.audit_score.auditors import Figures
from tools.audit_score.score import Verdict, stale

HEADER = ("", "before", "after", "target", "")
SHOWN = 25


def _rows(verdicts: Sequence[Verdict]) -> list[tuple[str, ...]]:
    said = {True: "met", False: "MISSED", None: "not measured"}
    return [(one.name, one.before, one.after, one.target, said[one.met]) for one in verdicts]


def table(verdicts: Sequence[Verdict]) -> str:
    """Return the table for a terminal, columns aligned."""
    rows = [HEADER, *_rows(verdicts)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def details(after: Figures, accepted: Mapping[str, str]) -> str:
    """Return what is left after the roles, each with its reason where it has one."""
    lines = []
    for rule, title in after.scan.failed.items() if after.scan else ():
        lines.append(f"failed rule {rule} ({title}): {accepted.get(rule, 'NO REASON in tools/audit_score/accepted.yml')}")
    lines += [f"reason that can go, the rule does not fail: {rule}" for rule in stale(after, accepted)]
    lines += [f"lynis: {one.lost} of {one.of} points left by {one.test} ({one.title})" for one in after.losses[:SHOWN]]
    lines += [f"lynis warns: {one.test}: {one.text}" for one in after.lynis.warnings]
    lines += [f"ssh-audit: {one}" for one in after.ssh]
    return "\n".join(lines)


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of Markdown."""
    return "\n".join("| %s |" % " | ".join(row) for row in [header, ["---"] * len(header), *rows])


def page(
    verdicts: Sequence[Verdict],
    after: Figures,
    accepted: Mapping[str, str],
    introduction: Sequence[str],
    losses: Mapping[str, str],
) -> str:
    """Return docs/audit-score.md. `losses` are the reasons of what Lynis leaves, by test."""
    parts = ["# Scored by others", *introduction, "## Figures", markdown(HEADER, _rows(verdicts))]
    if after.scan is not None:
        counts = ", ".join(f"{number} {name}" for name, number in sorted(after.scan.counts.items()))
        failed = [(f"`{rule}`", title, accepted.get(rule, "")) for rule, title in after.scan.failed.items()]
        parts += ["## Rules that still fail", f"All rules of the profile: {counts}.", markdown(("rule", "title", "why"), failed)]
    rows = [(f"`{one.test}`", one.title, f"{one.lost} of {one.of}", losses.get(one.test, "")) for one in after.losses]
    parts += ["## Where Lynis still takes points off", markdown(("test", "title", "points", "why"), rows)]
    return "\n\n".join(parts) + "\n"
