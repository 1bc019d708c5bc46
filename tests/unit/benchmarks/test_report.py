# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures become spreads, ratios, verdicts and Markdown."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from benchmarks import report


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0.00"), (0.456, "0.46"), (9.994, "9.99"), (9.996, "10.0"), (56.04, "56.0"), (99.96, "100"), (1234.5, "1234")]
)
def test_three_digits(value: float, text: str) -> None:
    assert report.number(value) == text


def test_spread_is_median_and_range() -> None:
    assert report.spread([3.0, 1.0, 2.0], "s") == "2.00 s (1.00 to 3.00)"
    assert report.spread([3.0, 1.0], "x") == "2.00x (1.00 to 3.00)"


def test_one_round_has_no_range() -> None:
    assert report.spread([2.0], "MiB") == "2.00 MiB"
    assert report.spread([2.0]) == "2.00"


def test_ratios_are_taken_round_by_round() -> None:
    assert report.ratios([10.0, 30.0], [5.0, 10.0]) == [2.0, 3.0]


def test_rounds_that_do_not_pair_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        report.ratios([1.0, 2.0], [1.0])


def test_net_takes_the_median_of_the_empty_runs_off() -> None:
    assert report.net([2.0, 3.0, 2.5], [1.5, 1.0, 9.0]) == [0.5, 1.5, 1.0]


def test_net_is_never_below_what_can_be_resolved() -> None:
    assert report.net([1.0, 1.21], [1.2]) == [report.RESOLUTION, report.RESOLUTION]


def test_a_busy_machine_is_told() -> None:
    assert report.noise("the empty play", [1.0, 1.4, 1.2]) == ""
    assert "the empty play, always the same work, took 1.00 to 1.60 s" in report.noise("the empty play", [1.0, 1.6])


def test_slope_of_a_line() -> None:
    assert report.slope({1: 60.0, 5: 100.0, 20: 250.0}) == pytest.approx(10.0)


def test_slope_is_least_squares() -> None:
    assert report.slope({0: 0.0, 1: 3.0, 2: 2.0}) == pytest.approx(1.0)


def test_slope_of_one_point_is_refused() -> None:
    with pytest.raises(ValueError, match="a slope of 1 points: expected at least 2"):
        report.slope({1: 1.0})


def test_the_median_decides() -> None:
    assert report.at_least("fast", [9.0, 11.0, 12.0], 10.0).met is True
    assert report.at_least("fast", [9.0, 9.5, 12.0], 10.0).met is False
    assert report.at_most("small", [11.0, 12.0, 90.0], 12.0, "MiB") == report.Verdict("small", "12.0 MiB (11.0 to 90.0)", True, False)
    assert report.at_least("fast", [9.0, 11.0, 12.0], 10.0).always is False
    assert report.at_least("fast", [10.0, 11.0, 12.0], 10.0).always is True
    assert report.at_most("small", [13.0], 12.0, "MiB").met is False


def section(**changes: object) -> report.Section:
    whole = report.Section(
        name="files",
        title="Sets of files",
        text=("One host.",),
        tables=(report.Table("20 files", ("", "time"), (("ours", "1 s"), ("loop", "9 s"))),),
        verdicts=(report.Verdict("9x", "9.0x", True), report.Verdict("10x", "9.0x", False), report.not_measured("40x", "no 100")),
        taken="2026-01-02",
    )
    return report.Section(**{**whole.__dict__, **changes})  # type: ignore[arg-type]


def test_a_section_in_markdown() -> None:
    assert report.section(section()) == "\n".join(
        [
            "## Sets of files",
            "",
            "One host.",
            "",
            "**20 files**",
            "",
            "|  | time |",
            "| --- | ---: |",
            "| ours | 1 s |",
            "| loop | 9 s |",
            "",
            "| target | measured | verdict |",
            "| --- | ---: | ---: |",
            "| 9x | 9.0x | met |",
            "| 10x | 9.0x | **missed** |",
            "| 40x | no 100 | not measured |",
            "",
            "Measured 2026-01-02.",
        ]
    )


def test_a_section_without_targets_has_no_table_of_them() -> None:
    assert "verdict" not in report.section(section(verdicts=(), taken=""))


def test_a_target_met_in_some_rounds_says_so() -> None:
    assert report.verdicts([report.at_least("10x", [9.0, 11.0, 12.0], 10.0)]).endswith("| met by the median only |")


def test_a_section_survives_json() -> None:
    assert report.section_of(json.loads(json.dumps(asdict(section())))) == section()


def test_a_page_names_what_is_missing() -> None:
    page = report.page([section()], ["- machine: 2 processors"], missing=["hosts"])
    assert page.startswith("# Performance\n\n- machine: 2 processors\n\n## Sets of files\n")
    assert page.endswith("## hosts\n\nNot measured yet: `./run bench hosts --write`.\n")
