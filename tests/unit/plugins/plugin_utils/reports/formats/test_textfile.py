# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import datetime
import re

from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.formats import textfile
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import HostReport, Item, Report
from hypothesis import given
from hypothesis import strategies as st

SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (-?[0-9.e+]+)')
LABEL = re.compile(r'([a-z]+)="((?:[^"\\\n]|\\["\\n])*)"')


def samples(text: str) -> dict[str, list[tuple[dict[str, str], float]]]:
    """Read the text format as Prometheus does, as far as it is used here; anything else is an error."""
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    assert text.endswith("\n")
    lines = text[:-1].split("\n")
    for number, line in enumerate(lines):
        if line.startswith("# HELP "):
            assert lines[number + 1] == "# TYPE %s gauge" % line.split()[2]
        elif not line.startswith("# TYPE "):
            match = SAMPLE.fullmatch(line)
            assert match, line
            labels = {
                name: re.sub(r"\\(.)", lambda one: "\n" if one[1] == "n" else one[1], value)
                for name, value in LABEL.findall(match[2] or "")
            }
            found.setdefault(match[1], []).append((labels, float(match[3])))
    return found


def test_the_metrics(report: Report) -> None:
    found = samples(textfile.render(report))
    assert found["groundwork_audit_timestamp_seconds"] == [({}, 1795646400.0)]
    assert found["groundwork_audit_host_examined"] == [({"host": "web-1"}, 1.0), ({"host": "db-1"}, 1.0), ({"host": "ops-1"}, 0.0)]
    assert found["groundwork_audit_score_ratio"] == [({"host": "web-1"}, 0.5), ({"host": "db-1"}, 1.0)]
    assert ({"host": "web-1", "status": "waived"}, 1.0) in found["groundwork_audit_results"]
    assert len(found["groundwork_audit_results"]) == 10
    assert found["groundwork_audit_failed_hosts"] == [({"id": "sshd-root-login", "group": "sshd", "level": "baseline"}, 1.0)]
    assert found["groundwork_audit_waiver_expiry_timestamp_seconds"] == [({"waiver": "console", "owner": "ana & ben"}, 1796169600.0)]


def test_a_metric_without_samples_is_left_out(report: Report) -> None:
    assert "failed_hosts" not in textfile.render(Report("health", "t", report.generated, report.hosts[1:2]))


@given(st.text())
def test_any_text_survives_in_a_label(name: str) -> None:
    made = Report("audit", "t", datetime.datetime.now(datetime.UTC), (HostReport(name, (Item(name, "t", "fail", group=name),)),))
    found = samples(textfile.render(made))
    assert found["groundwork_audit_host_examined"] == [({"host": name}, 1.0)]
    assert found["groundwork_audit_failed_hosts"][0][0]["id"] == name
