# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as JUnit XML: a suite for each host, a case for each item. A host that could not be examined is an error."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree

from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import HostReport, Item, Report
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.text import writable

ENDING = "junit.xml"


def render(report: Report) -> str:
    """Return the XML document."""
    top = _element("testsuites", {"name": report.title, "timestamp": report.stamp})
    total = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for host in report.hosts:
        suite = _suite(report, host)
        for name in total:
            total[name] += int(suite.attrib[name])
        top.append(suite)
    top.attrib.update({name: str(count) for name, count in total.items()})
    ElementTree.indent(top, " ")
    return ElementTree.tostring(top, encoding="unicode", xml_declaration=True) + "\n"


def _element(name: str, attributes: Mapping[str, str], text: str = "") -> ElementTree.Element:
    made = ElementTree.Element(name, {key: writable(value) for key, value in attributes.items()})
    made.text = writable(text) or None
    return made


def _suite(report: Report, host: HostReport) -> ElementTree.Element:
    counts = host.counts
    numbers = {
        "tests": len(host.items) + bool(host.problem),
        "failures": counts["fail"],
        "errors": int(bool(host.problem)),
        "skipped": counts["waived"] + counts["skipped"],
    }
    spent = {"timestamp": report.stamp, "time": "%.3f" % sum(item.seconds for item in host.items)}
    suite = _element("testsuite", {"name": host.host, **{name: str(number) for name, number in numbers.items()}, **spent})
    if host.problem:
        case = _element("testcase", {"classname": host.host, "name": "host can be examined", "time": "0.000"})
        case.append(_element("error", {"message": host.problem}))
        suite.append(case)
    for item in host.items:
        suite.append(_case(report, host, item))
    return suite


def _case(report: Report, host: HostReport, item: Item) -> ElementTree.Element:
    place = ".".join(part for part in (host.host, item.group) if part)
    case = _element("testcase", {"classname": place, "name": "%s: %s" % (item.id, item.title), "time": "%.3f" % item.seconds})
    if item.status == "fail":
        mend = report.detail(item.id).mend
        case.append(_element("failure", {"message": item.message, "type": item.id}, item.message + ("\n%s" % mend if mend else "")))
    elif item.status == "skipped":
        case.append(_element("skipped", {"message": item.message}))
    elif item.status == "waived":
        case.append(_element("skipped", {"message": _waived(item)}))
    elif item.message:
        case.append(_element("system-out", {}, item.message))
    return case


def _waived(item: Item) -> str:
    if item.waiver is None:
        return "waived"
    return "waived until %s by %s: %s" % (item.waiver.expires, item.waiver.owner, item.waiver.reason)
