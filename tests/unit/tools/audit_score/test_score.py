# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdicts follow from figures, and a failed rule without a reason is never met."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tools.audit_score import report, score
from tools.audit_score.auditors import Figures
from tools.audit_score.lynis import Loss, Remark, Report
from tools.audit_score.openscap import Scan

BARE = Figures(
    Report(58, 238, (), ()),
    (),
    Scan({"pass": 54, "fail": 1}, {"sudo_add_noexec": "sudo noexec"}),
    {"ssh.service": 9.6, "rsyslog.service": 9.6, "cron.service": 9.6, "chrony.service": 3.5},
    ("MAC hmac-sha1: broken",),
    frozenset({"lab.service"}),
)
HARDENED = Figures(
    Report(85, 240, (Remark("AUTH-9216", "grpck found errors"),), ()),
    (Loss("USB-3000", "USBGuard", 8, 8),),
    Scan({"pass": 80, "fail": 1, "notapplicable": 231}, {"sudo_add_noexec": "sudo noexec"}, frozenset({"sudo_add_noexec"})),
    {"ssh.service": 5.0, "rsyslog.service": 4.1, "cron.service": 4.9, "chrony.service": 2.0, "groundwork-firewall.service": 2.5},
    (),
    frozenset({"lab.service", "groundwork-firewall.service"}),
)
REASONS = {"sudo_add_noexec": "breaks package scripts"}
REFERENCES = {"sudo_add_noexec": "sudo_noexec"}


def missed(after: Figures, reasons: dict[str, str] | None = None) -> list[str]:
    return [one.name for one in score.verdicts(BARE, after, REASONS if reasons is None else reasons, REFERENCES) if one.met is False]


def test_all_targets_are_met_at_their_limits() -> None:
    assert missed(HARDENED) == []


def test_both_figures_stand_in_a_row() -> None:
    first = score.verdicts(BARE, HARDENED, REASONS, REFERENCES)[0]
    assert (first.before, first.after, first.target) == ("58", "85", "at least 85")


@pytest.mark.parametrize(
    ("after", "name"),
    [
        (replace(HARDENED, lynis=Report(84, 240, (), ())), "Lynis, hardening index"),
        (replace(HARDENED, ssh=("MAC hmac-sha1: broken",)), "ssh-audit, warnings and failures"),
        (replace(HARDENED, exposure={**HARDENED.exposure, "cron.service": 5.1}), "Exposure of cron.service"),
        (replace(HARDENED, exposure={**HARDENED.exposure, "groundwork-firewall.service": 2.6}), "Exposure of groundwork-firewall.service"),
        (
            replace(HARDENED, exposure={**HARDENED.exposure, "new.service": 9.6}, units=HARDENED.units | {"new.service"}),
            "Exposure of new.service",
        ),
        (replace(HARDENED, exposure={}), "Exposure of ssh.service"),
    ],
)
def test_each_target_can_be_missed(after: Figures, name: str) -> None:
    assert name in missed(after)


def test_more_failures_than_allowed_are_missed_even_with_reasons() -> None:
    rules = {f"rule_{number}": "" for number in range(score.FAILURES + 1)}
    after = replace(HARDENED, scan=Scan({"pass": 70}, rules, HARDENED.scan.rules))
    assert missed(after, dict.fromkeys(rules, "because")) == ["OpenSCAP, ANSSI BP-028 enhanced"]


def test_a_failure_without_a_reason_is_missed() -> None:
    assert missed(HARDENED, {}) == ["Failed rules without a reason"]
    assert score.unexplained(HARDENED, {}) == ("sudo_add_noexec",)
    assert "NO REASON" in report.details(HARDENED, {})


def test_a_reason_that_is_not_needed_any_more_is_told() -> None:
    assert "reason that can go, the rule does not fail: old" in report.details(HARDENED, {**REASONS, "old": "gone"})


def test_what_could_not_be_measured_is_neither_met_nor_missed() -> None:
    after = replace(HARDENED, scan=None)
    assert missed(after) == []
    assert next(one for one in score.verdicts(BARE, after, REASONS, REFERENCES) if "OpenSCAP" in one.name).met is None


def test_the_table_tells_what_was_missed() -> None:
    lines = report.table(score.verdicts(BARE, replace(HARDENED, ssh=("x",)), REASONS, REFERENCES)).splitlines()
    assert lines[-1].split() == ["ssh-audit,", "warnings", "and", "failures", "1", "1", "none", "MISSED"]
    assert lines[1].endswith("met")


def test_the_page_has_figures_and_reasons() -> None:
    text = report.page(
        score.verdicts(BARE, HARDENED, REASONS, REFERENCES), HARDENED, REASONS, ("How.",), {"USB-3000": "no USB in a container"}
    )
    assert "| `sudo_add_noexec` | sudo noexec | breaks package scripts |" in text
    assert "| `USB-3000` | USBGuard | 8 of 8 | no USB in a container |" in text
    assert "1 fail, 231 notapplicable, 80 pass" in text


def test_a_control_that_refers_to_a_rule_that_is_not_there_misses() -> None:
    found = score.verdicts(BARE, HARDENED, REASONS, {**REFERENCES, "sudo_add_noexcc": "sudo_noexec"})
    missed = [one for one in found if one.met is False]
    assert [one.after for one in missed] == ["sudo_add_noexcc of sudo_noexec"]
