# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.formats import sarif
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import HostReport, Report

# What SARIF 2.1.0 demands of the objects that are used: required properties, and those that may be there.
SHAPE = {
    "log": ({"version", "runs"}, {"$schema"}),
    "run": ({"tool"}, {"automationDetails", "columnKind", "invocations", "results", "properties"}),
    "driver": ({"name"}, {"semanticVersion", "rules"}),
    "rule": ({"id"}, {"shortDescription", "fullDescription", "help", "defaultConfiguration", "properties"}),
    "result": ({"message"}, {"ruleId", "ruleIndex", "kind", "level", "locations", "partialFingerprints", "suppressions"}),
    "invocation": ({"executionSuccessful"}, {"endTimeUtc", "toolExecutionNotifications"}),
    "suppression": ({"kind"}, {"status", "justification"}),
}


def held(kind: str, value: dict[str, Any]) -> None:
    required, allowed = SHAPE[kind]
    assert required <= set(value), kind
    assert set(value) <= required | allowed, kind


def log(report: Report) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(sarif.render(report))
    return told


def test_the_log_has_the_shape_of_the_standard(report: Report) -> None:
    told = log(report)
    held("log", told)
    assert told["version"] == "2.1.0"
    (run,) = told["runs"]
    held("run", run)
    held("driver", run["tool"]["driver"])
    rules = run["tool"]["driver"]["rules"]
    for rule in rules:
        held("rule", rule)
        assert all(rule[key]["text"] for key in ("shortDescription", "fullDescription"))
        assert len(rule["properties"]["tags"]) == len(set(rule["properties"]["tags"]))
    for result in run["results"]:
        held("result", result)
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["kind"] == "fail" and result["level"] in ("error", "warning", "note")
        for suppression in result.get("suppressions", []):
            held("suppression", suppression)
            assert (suppression["kind"], suppression["status"]) == ("external", "accepted")
    for invocation in run["invocations"]:
        held("invocation", invocation)


def test_what_fails_and_what_is_waived(report: Report) -> None:
    results = log(report)["runs"][0]["results"]
    assert [(one["ruleId"], one["level"], "suppressions" in one) for one in results] == [
        ("sshd-root-login", "error", False),
        ("sshd-banner", "warning", True),
        ("sshd-banner", "warning", True),
    ]
    assert results[0]["message"]["text"] == "web-1: PermitRootLogin is yes"
    assert results[1]["suppressions"][0]["justification"] == "The <console> needs it. Waived until 2026-12-01 by ana & ben (console)."
    assert results[0]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "hosts/web-1.audit.json"},
        "region": {"startLine": 1},
    }
    assert results[0]["locations"][0]["logicalLocations"] == [{"name": "web-1", "kind": "resource"}]


def test_a_finding_keeps_its_fingerprint_and_shares_it_with_none(report: Report) -> None:
    prints = [one["partialFingerprints"]["hostAndId/v1"] for one in log(report)["runs"][0]["results"]]
    assert len(set(prints)) == 3
    reversed_hosts = Report(report.kind, report.title, report.generated, report.hosts[::-1], report.details)
    assert {one["partialFingerprints"]["hostAndId/v1"] for one in log(reversed_hosts)["runs"][0]["results"]} == set(prints)


def test_a_rule_says_why_and_how_to_mend(report: Report) -> None:
    rule = log(report)["runs"][0]["tool"]["driver"]["rules"][0]
    assert rule["fullDescription"]["text"] == "Whoever gets in as root leaves no name behind."
    assert rule["help"]["text"] == "Log in as yourself."
    assert rule["properties"]["tags"] == ["anssi_bp_028/R33", "baseline", "sshd"]


def test_hosts_that_could_not_be_examined(report: Report) -> None:
    (invocation,) = log(report)["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "ops-1 could not be examined: Connection timed out"
    (fine,) = log(Report("audit", "t", report.generated, report.hosts[:2]))["runs"][0]["invocations"]
    assert fine == {"executionSuccessful": True, "endTimeUtc": "2026-11-25T22:40:00Z"}


def test_the_address_of_a_host_is_one_for_any_name(report: Report) -> None:
    odd = HostReport("a b/ü", report.hosts[0].items)
    result = log(Report("audit", "t", report.generated, (odd,)))["runs"][0]["results"][0]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "hosts/a%2520b%252F%25C3%25BC.audit.json"
