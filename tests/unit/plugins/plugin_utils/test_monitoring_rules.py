# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import monitoring_rules as rules

RULE = {"alert": "disk_full", "expr": "free < 1", "for": "10m", "labels": {"severity": "warning"}, "annotations": {"runbook_url": "x.md"}}
RECORD = {"record": "load", "expr": "1"}


def document() -> dict[str, Any]:
    return {"groups": [{"name": "node", "rules": [RULE, RECORD]}, {"name": "more", "rules": [{**RULE, "alert": "disk_slow"}]}]}


def changed(**given: Any) -> dict[str, Any]:
    return rules.adjusted(document(), rules.checked({"disk_full": given}, [document()]))["groups"][0]["rules"][0]


def test_an_alert_is_as_the_site_has_it_and_the_others_as_they_were() -> None:
    assert changed(**{"for": "30m", "keep_firing_for": "5m", "severity": "critical", "expr": "free < 2", "summary": "Full"}) == {
        "alert": "disk_full", "expr": "free < 2", "for": "30m", "keep_firing_for": "5m", "labels": {"severity": "critical"},
        "annotations": {"runbook_url": "x.md", "summary": "Full"},
    }  # fmt: skip
    assert rules.adjusted(document(), rules.checked({"disk_full": {"for": "1m"}}, [document()]))["groups"][1] == document()["groups"][1]
    assert rules.adjusted(document(), {}) == document()


def test_labels_are_added_replaced_and_left_out() -> None:
    assert changed(labels={"team": "web", "tier": 1})["labels"] == {"severity": "warning", "team": "web", "tier": "1"}
    assert changed(labels={"severity": None, "team": "web"})["labels"] == {"team": "web"}


def test_an_alert_that_is_not_wanted_goes_with_its_group_where_that_is_empty() -> None:
    found = rules.adjusted(document(), rules.checked({"disk_slow": None}, [document()]))
    assert [group["name"] for group in found["groups"]] == ["node"]
    found = rules.adjusted(document(), rules.checked({"disk_full": None}, [document()]))
    assert found["groups"][0]["rules"] == [RECORD]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"disk_ful": {}}, "monitoring_alerts is 'disk_ful'; expected a known alert. Did you mean 'disk_full'?"),
        ({"load": {}}, "monitoring_alerts is 'load'; expected a known alert"),
        ({"disk_full": "30m"}, "monitoring_alerts.disk_full is '30m'; expected a mapping of what is different"),
        ({"disk_full": {"fo": "30m"}}, "Did you mean 'for'?"),
        ({"disk_full": {"labels": "web"}}, "monitoring_alerts.disk_full.labels is 'web'; expected a mapping of labels"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput) as caught:
        rules.checked(given, [document()])
    assert message in str(caught.value)


def test_runbooks_are_where_the_site_publishes_them() -> None:
    found = rules.adjusted(document(), {}, "https://docs.example/")["groups"][0]["rules"]
    assert found[0]["annotations"]["runbook_url"] == "https://docs.example/x.md" and found[1] == RECORD


def test_rules_of_exporters_that_run_nowhere_are_not_wanted() -> None:
    exporters = {"node": {}, "redis": {}, "apt": {"collect": {"command": "x"}}}
    alerts: dict[str, Any] = {"node": {}, "redis": {}, "apt": {}, "fleet": {}}
    assert rules.wanted_rules(alerts, exporters, [{"exporter": "node"}]) == ["apt", "fleet", "node"]
