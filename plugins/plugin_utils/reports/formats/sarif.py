# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as SARIF 2.1.0, for what reads the findings of scanners: what fails, and what is waived as suppressed.

What passes or does not apply is no finding; the JSON report has it.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import quote

from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import HostReport, Item, Report

ENDING = "sarif"
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"fail": "error", "waived": "warning", "warn": "warning"}


def render(report: Report) -> str:
    """Return the SARIF log with one run."""
    rules: dict[str, dict[str, Any]] = {}
    index: dict[str, int] = {}
    results = []
    for host in report.hosts:
        for item in host.items:
            if item.status not in LEVELS:
                continue
            if item.id not in rules:
                index[item.id] = len(rules)
                rules[item.id] = _rule(report, item)
            results.append(_result(report, host, item, index[item.id]))
    driver = {"name": "groundwork.fleet " + report.kind, "rules": list(rules.values())}
    if report.version:
        driver["semanticVersion"] = report.version
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": "groundwork.fleet/%s/" % report.kind},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report)],
        "results": results,
        "properties": {**report.properties, "score": report.score},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=True, indent=1) + "\n"


def _rule(report: Report, item: Item) -> dict[str, Any]:
    detail = report.detail(item.id)
    tags = [tag for tag in (item.group, detail.level) if tag]
    tags += ["%s/%s" % (standard, number) for standard, numbers in detail.references.items() for number in numbers]
    told: dict[str, Any] = {"id": item.id, "shortDescription": {"text": item.title}, "defaultConfiguration": {"level": "error"}}
    told["fullDescription"] = {"text": detail.rationale or item.title}
    if detail.mend:
        told["help"] = {"text": detail.mend}
    return told | {"properties": {"tags": sorted(set(tags))}}


def _result(report: Report, host: HostReport, item: Item, rule: int) -> dict[str, Any]:
    told: dict[str, Any] = {
        "ruleId": item.id,
        "ruleIndex": rule,
        "kind": "fail",
        "level": LEVELS[item.status],
        "message": {"text": "%s: %s" % (host.host, item.message or item.title)},
        "locations": [
            {
                # Readers of SARIF want a place in a file; that of a finding is the host's own report.
                "physicalLocation": {"artifactLocation": {"uri": quote(report.host_file(host.host))}, "region": {"startLine": 1}},
                "logicalLocations": [{"name": host.host, "kind": "resource"}],
            }
        ],
        "partialFingerprints": {"hostAndId/v1": hashlib.sha256(("%s\0%s" % (host.host, item.id)).encode("utf-8", "replace")).hexdigest()},
    }
    if item.waiver:
        waiver = item.waiver
        reason = "%s Waived until %s by %s (%s)." % (waiver.reason, waiver.expires, waiver.owner, waiver.name)
        told["suppressions"] = [{"kind": "external", "status": "accepted", "justification": reason}]
    return told


def _invocation(report: Report) -> dict[str, Any]:
    unexamined = [
        {"level": "error", "message": {"text": "%s could not be examined: %s" % (host.host, host.problem)}} for host in report.unexamined
    ]
    told: dict[str, Any] = {"executionSuccessful": not unexamined, "endTimeUtc": report.stamp}
    return told | ({"toolExecutionNotifications": unexamined} if unexamined else {})
