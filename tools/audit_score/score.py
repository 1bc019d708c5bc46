# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From figures to verdicts: the targets, and which of them are met."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tools.audit_score.auditors import Figures
from tools.audit_score.hosts import PACKAGED

INDEX = 85
FAILURES = 4
PACKAGED_EXPOSURE = 5.0
OWN_EXPOSURE = 2.5
SERVICES = ("ssh", *PACKAGED)


@dataclass(frozen=True)
class Verdict:
    """One row: what was measured, before and after, and the target; `met` is None where it was not measured."""

    name: str
    before: str
    after: str
    target: str
    met: bool | None


def _lynis(before: Figures, after: Figures) -> Verdict:
    return Verdict(
        "Lynis, hardening index", str(before.lynis.index), str(after.lynis.index), f"at least {INDEX}", after.lynis.index >= INDEX
    )


def _openscap(before: Figures, after: Figures) -> list[Verdict]:
    name, target = "OpenSCAP, ANSSI BP-028 enhanced", f"at most {FAILURES} failed"
    if before.scan is None or after.scan is None:
        return [Verdict(name, "", "no content for this system", target, None)]
    told = ["%d failed of %d" % (len(one.failed), one.applicable) for one in (before.scan, after.scan)]
    return [Verdict(name, told[0], told[1], target, len(after.scan.failed) <= FAILURES)]


def unexplained(after: Figures, accepted: Mapping[str, str]) -> tuple[str, ...]:
    """Return the failed rules without a reason."""
    return tuple(rule for rule in after.scan.failed if rule not in accepted) if after.scan else ()


def stale(after: Figures, accepted: Mapping[str, str]) -> tuple[str, ...]:
    """Return the rules that have a reason and do not fail: their reasons can go."""
    return tuple(rule for rule in accepted if rule not in after.scan.failed) if after.scan else ()


def _reasons(after: Figures, accepted: Mapping[str, str]) -> list[Verdict]:
    if after.scan is None:
        return []
    lacking = unexplained(after, accepted)
    return [Verdict("Failed rules without a reason", "", str(len(lacking)), "none", not lacking)]


def unknown_rules(after: Figures, references: Mapping[str, str]) -> dict[str, str]:
    """Return the rules that controls refer to and that the content does not have, each with its control."""
    return {rule: control for rule, control in references.items() if rule not in after.scan.rules} if after.scan else {}


def _references(after: Figures, references: Mapping[str, str]) -> list[Verdict]:
    if after.scan is None:
        return []
    wrong = [f"{rule} of {control}" for rule, control in unknown_rules(after, references).items()]
    return [Verdict("References of controls to rules that are not there", "", ", ".join(wrong) or "0", "none", not wrong)]


def _level(figures: Figures, unit: str) -> str:
    level = figures.exposure.get(unit)
    return "" if level is None else f"{level:.1f}"


def _exposure(before: Figures, after: Figures) -> list[Verdict]:
    own = sorted(after.units - before.units)
    limits = {**{f"{name}.service": PACKAGED_EXPOSURE for name in SERVICES}, **dict.fromkeys(own, OWN_EXPOSURE)}
    return [
        Verdict(
            f"Exposure of {unit}",
            _level(before, unit),
            _level(after, unit) or "not there",
            f"at most {limit}",
            unit in after.exposure and after.exposure[unit] <= limit,
        )
        for unit, limit in limits.items()
    ]


def verdicts(before: Figures, after: Figures, accepted: Mapping[str, str], references: Mapping[str, str]) -> list[Verdict]:
    """Return every row of the table. accepted: rule to why it stays. references: rule to the control that refers to it."""
    return [
        _lynis(before, after),
        *_openscap(before, after),
        *_reasons(after, accepted),
        *_references(after, references),
        *_exposure(before, after),
        Verdict("ssh-audit, warnings and failures", str(len(before.ssh)), str(len(after.ssh)), "none", not after.ssh),
    ]
