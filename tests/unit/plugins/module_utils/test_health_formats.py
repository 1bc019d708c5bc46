# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results as other programs read them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health_formats


def result(status: str, **more: Any) -> dict[str, Any]:
    return {
        "status": status,
        "type": "tcp",
        "message": "" if status == "ok" else "it is so",
        "seconds": 0.25,
        "measured": {},
        "limits": {},
        **more,
    }


DISK = {
    "measured": {"percent": 81.5, "free": 5},
    "limits": {"percent": {"warning": [None, 80], "critical": [None, 90]}, "free": {"critical": [2, None]}},
}


def test_nagios_takes_the_worst_state_first() -> None:
    results = {"a": result("ok", **DISK), "b": result("failed", message="down | now\n    line"), "c": result("warning")}
    assert health_formats.nagios_code(results) == 2
    assert health_formats.to_nagios(results).splitlines() == [
        "HEALTH CRITICAL - 1 of 3 checks passed, 1 failed, 1 with a warning: b, c | "
        "'a free'=5;;2: 'a percent'=81.5;~:80;~:90 'checks'=3 'seconds'=0.75s",
        "[CRITICAL] b: down / now line",
        "[WARNING] c: it is so",
    ]


@pytest.mark.parametrize(
    ("statuses", "code", "word"), [(["ok"], 0, "OK"), (["ok", "warning"], 1, "WARNING"), (["not_applicable"], 0, "OK")]
)
def test_nagios_states(statuses: list[str], code: int, word: str) -> None:
    results = {str(number): result(status) for number, status in enumerate(statuses)}
    assert health_formats.nagios_code(results) == code
    assert health_formats.to_nagios(results).startswith("HEALTH %s - " % word)


def test_labels_of_performance_data_cannot_break_out() -> None:
    line = health_formats.to_nagios({"a='x'|": result("ok", measured={"n": 1})})
    assert "'a__x__ n'=1" in line and line.count("|") == 1


def test_metrics() -> None:
    results = {'we"b\n': result("ok", **DISK), "db": result("failed"), "gone": result("skipped"), "kmod": result("not_applicable")}
    text = health_formats.to_textfile(results, 1764110000.5, 0.31)
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    assert [line for line in samples if line.startswith("groundwork_health_check_ok")] == [
        r'groundwork_health_check_ok{check="we\"b\n",type="tcp"} 1',
        'groundwork_health_check_ok{check="db",type="tcp"} 0',
    ]
    assert r'groundwork_health_measured{check="we\"b\n",type="tcp",fact="percent"} 81.5' in samples
    assert 'groundwork_health_checks{status="not_applicable"} 1' in samples
    assert "groundwork_health_last_run_seconds 1764110000.5" in samples
    assert "groundwork_health_run_seconds 0.31" in samples
    assert text.count("# TYPE groundwork_health_check_ok gauge") == 1 and text.endswith("\n")


def test_a_terminal_shows_failures_first() -> None:
    text = health_formats.to_text(
        {"good": result("ok"), "bad one": result("failed"), "root": result("failed"), "x": result("skipped", root="root")}
    )
    assert text.splitlines() == [
        "FAILED          root     it is so",
        "FAILED          bad one  it is so",
        "skipped         x        it is so",
        "ok              good",
        "1 of 4 checks passed, 2 failed, 1 skipped",
    ]


def test_the_report() -> None:
    report = health_formats.to_report({"a": result("ok")}, "web-1", 5.12345, 0.51239)
    assert {key: report[key] for key in ("host", "time", "seconds", "status", "summary")} == {
        "host": "web-1", "time": 5.123, "seconds": 0.512, "status": "ok", "summary": "1 check passed",
    }  # fmt: skip
    assert list(report["checks"]) == ["a"]
