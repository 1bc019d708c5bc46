# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything is in one lane, and what a lane's jobs found is counted."""

from __future__ import annotations

from pathlib import Path
from queue import Queue

import pytest

from tools import scenarios, test_all


def test_every_test_and_every_scenario_is_in_one_lane() -> None:
    containers, apart = test_all.jobs()
    names = [job.name for job in [*containers, *apart]]
    files = {path.stem for path in (test_all.ROOT / "tests" / "integration").glob("test_*.py")}
    assert sorted(names) == sorted({*files, *(f"molecule {name}" for name in scenarios.scenarios()), "unit", "lint", "sanity"})
    assert [job.name for job in containers[:2]] == ["test_staging", "molecule default"]
    assert {"test_confirm", "test_files"} < {job.name for job in containers}
    assert [job.name for job in apart[:2]] == ["unit", "lint"]


def test_failures_errors_and_skips_are_told_apart(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    cases = '<testcase name="a"/><testcase name="b"><failure/></testcase><testcase name="c"><error/></testcase>'
    report.write_text(f'<testsuite>{cases}<testcase name="d"><skipped message="no engine"/></testcase></testsuite>', encoding="utf-8")
    assert test_all.counted(report) == (1, 2, ["d: no engine"])


def test_a_job_that_breaks_down_counts_as_failed(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(_totals: test_all.Totals) -> None:
        raise OSError("no space")

    queue: Queue[test_all.Job] = Queue()
    queue.put(test_all.Job("broken", broken))
    totals = test_all.Totals()
    test_all.worker(queue, totals)
    assert (totals.passed, totals.failed) == (0, 1) and "broken: OSError: no space" in capsys.readouterr().out


def test_a_command_that_fails_without_a_report_counts_as_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(test_all, "REPORTS", tmp_path)
    totals = test_all.Totals()
    test_all.reporting("good", ["true"]).work(totals)
    test_all.reporting("bad", ["sh", "-c", "echo the reason; exit 3"], nice=5).work(totals)
    assert (totals.passed, totals.failed) == (1, 1) and "    the reason" in capsys.readouterr().out


def test_what_failed_is_told_again_in_a_short_line_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_all, "REPORTS", tmp_path)
    case = '<testcase classname="tests.a" name="b"><failure message="expected\n%s\nfound"/></testcase><testcase name="c"/>' % ("x" * 2000)
    totals = test_all.Totals()
    test_all.reporting("one", ["sh", "-c", f"echo '<testsuite>{case}</testsuite>' > REPORT; exit 1"]).work(totals)
    test_all.reporting("two", ["sh", "-c", "echo the reason; exit 3"]).work(totals)
    assert len(totals.causes) == 2 and len(totals.causes[0]) <= test_all.CAUSE + 3
    assert totals.causes[0].startswith("tests.a.b: expected xxx") and totals.causes[0].endswith("xxx found")
    assert totals.causes[1] == "two: the reason"


def test_a_scenarios_causes_are_its_fatal_tasks(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("TASK [one]\nok: [a]\nfatal: [a]: FAILED! =>\n    msg: gone\nPLAY RECAP\n", encoding="utf-8")
    assert scenarios.causes(scenarios.Outcome("one", False, 1.0, log)) == ["fatal: [a]: FAILED! =>\n    msg: gone"]
    assert scenarios.causes(scenarios.Outcome("one", True, 1.0, log)) == []
    log.write_text("it broke down\n", encoding="utf-8")
    assert scenarios.causes(scenarios.Outcome("one", False, 1.0, log)) == ["it broke down"]
