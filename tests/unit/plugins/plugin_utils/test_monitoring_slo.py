# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import monitoring_slo as slo

ERRORS = 'sum(rate(http_requests_total{code=~"5.."}[$window]))'
TOTAL = "sum(rate(http_requests_total[$window]))"


def test_an_objective_is_seen_over_several_windows() -> None:
    found = slo.rules([{"service": "shop", "objective": 99.9, "errors": ERRORS, "total": TOTAL, "labels": {"team": "web"}}])["groups"][0][
        "rules"
    ]
    records = [rule for rule in found if "record" in rule]
    assert [rule["labels"]["window"] for rule in records] == list(slo.WINDOWS)
    assert records[0]["expr"] == f"({ERRORS}) / ({TOTAL})".replace("$window", "5m")
    fast, slow = (rule for rule in found if "alert" in rule)
    assert 'window="1h"}) > 0.0144 and ' in fast["expr"] and 'window="6h"}) > 0.006 and ' in fast["expr"]
    assert fast["labels"] == {"slo": "shop", "service": "shop", "severity": "critical", "team": "web"}
    assert slow["labels"]["severity"] == "warning" and 'window="3d"}) > 0.001 and ' in slow["expr"]


def test_without_expressions_the_probes_count() -> None:
    found = slo.rules([{"service": "shop", "objective": 99}])["groups"][0]["rules"]
    assert 'probe_success{service="shop"}[5m]' in found[0]["expr"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"objective": 99}, r"monitoring_slos\[0\].service"),
        ({"service": "a", "objective": 100}, "a percentage from 50 to below 100"),
        ({"service": "a", "objective": 0.999}, "a percentage from 50 to below 100"),
        ({"service": "a", "objective": 99, "errors": ERRORS}, "monitoring_slos\\[0\\].total"),
        ({"service": "a", "objective": 99, "errors": "a", "total": "b"}, r"\$window as its range"),
        ({"service": "a", "objetive": 99}, "Did you mean 'objective'"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        slo.rules([given])


def test_two_objectives_need_two_names() -> None:
    with pytest.raises(BadInput, match="each name once"):
        slo.rules([{"service": "a", "objective": 99}, {"service": "a", "objective": 95}])
