# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""XCCDF results are counted, and what cannot be judged has not passed."""

from __future__ import annotations

import pytest

from lab.console import LabError
from tools.audit_score import openscap


def results(*outcomes: str) -> str:
    rules = "".join(
        f'<Rule id="{openscap.PREFIX}rule_{number}"><title>Rule <sub>no.</sub> {number}</title></Rule>' for number in range(len(outcomes))
    )
    told = "".join(
        f'<rule-result idref="{openscap.PREFIX}rule_{number}"><result>{result}</result></rule-result>'
        for number, result in enumerate(outcomes)
    )
    return f'<Benchmark xmlns="{openscap.XCCDF[1:-1]}">{rules}<TestResult>{told}</TestResult></Benchmark>'


def test_results_are_counted() -> None:
    found = openscap.scan_of(results("pass", "fail", "pass", "notapplicable", "notselected", "notchecked"))
    assert found.counts == {"pass": 2, "fail": 1, "notapplicable": 1, "notchecked": 1}
    assert found.failed == {"rule_1": "Rule no. 1"}
    assert found.applicable == 3
    assert found.rules == {f"rule_{number}" for number in range(6)}


@pytest.mark.parametrize("result", ["error", "unknown"])
def test_what_could_not_be_judged_counts_as_failed(result: str) -> None:
    assert list(openscap.scan_of(results("pass", result)).failed) == ["rule_1"]


def test_a_file_without_results_is_refused() -> None:
    with pytest.raises(LabError, match="hold no rule"):
        openscap.scan_of(results("notselected"))
    with pytest.raises(LabError, match="cannot be read"):
        openscap.scan_of("no XML")
