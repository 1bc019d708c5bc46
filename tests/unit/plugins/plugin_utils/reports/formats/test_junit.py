# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import datetime
from xml.etree import ElementTree

from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.formats import junit
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import HostReport, Item, Report
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.text import writable
from hypothesis import given
from hypothesis import strategies as st


def test_suites_cases_and_their_numbers(report: Report) -> None:
    top = ElementTree.fromstring(junit.render(report))
    assert top.attrib == {
        "name": "Audit of staging",
        "timestamp": "2026-11-25T22:40:00Z",
        "tests": "9",
        "failures": "1",
        "errors": "1",
        "skipped": "4",
    }
    suites = {suite.attrib["name"]: suite for suite in top}
    assert {key: suites["web-1"].attrib[key] for key in ("tests", "failures", "errors", "skipped", "time")} == {
        "tests": "4",
        "failures": "1",
        "errors": "0",
        "skipped": "2",
        "time": "0.750",
    }
    cases = list(suites["web-1"])
    assert [case.attrib["classname"] for case in cases] == ["web-1.sshd", "web-1.sshd", "web-1.audit", "web-1.accounts"]
    assert cases[0].attrib["name"] == "sshd-root-login: sshd refuses root"
    failure = cases[0].find("failure")
    assert failure is not None
    assert failure.attrib == {"message": "PermitRootLogin is yes", "type": "sshd-root-login"}
    assert failure.text == "PermitRootLogin is yes\nLog in as yourself."
    assert [skipped.attrib["message"] for skipped in suites["web-1"].iter("skipped")] == [
        "waived until 2026-12-01 by ana & ben: The <console> needs it.",
        "container",
    ]
    assert list(cases[3]) == []


def test_a_host_that_could_not_be_examined_is_an_error(report: Report) -> None:
    (suite,) = [one for one in ElementTree.fromstring(junit.render(report)) if one.attrib["name"] == "ops-1"]
    error = suite.find("testcase/error")
    assert error is not None
    assert error.attrib["message"] == "Connection timed out"
    assert (suite.attrib["tests"], suite.attrib["errors"]) == ("1", "1")


@given(st.text(), st.text())
def test_any_text_gives_a_document_that_can_be_read(report_name: str, message: str) -> None:
    hosts = (HostReport(report_name, (Item(message, message, "fail", message), Item("w", "t", "warn", message)), message),)
    text = junit.render(Report("audit", report_name, datetime.datetime.now(datetime.UTC), hosts))
    top = ElementTree.fromstring(text.encode("utf-8"))
    found = next(top.iter("failure")).attrib["message"]
    assert found == writable(message)
