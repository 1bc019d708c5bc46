# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter.monitoring_fleet import FilterModule

SLO = {"objective": 99.9}


def shop(**more: Any) -> dict[str, Any]:
    health = [{"http": {"url": "https://shop.example/"}, "from": "outside"}, {"tcp": {"host": "127.0.0.1", "port": 80}}]
    return {"package": {"name": "shop"}, "health": health, "slo": SLO, **more}


HOSTS = {
    "web-1": {"inventory_hostname": "web-1", "fleet_services": {"shop": shop()}},
    "web-2": {"inventory_hostname": "web-2", "fleet_services": {"shop": shop()}},
    "ops-1": {"inventory_hostname": "ops-1", "fleet_address": "192.0.2.9"},
}
GROUPS = {"all": list(HOSTS), "monitoring": ["ops-1"]}


def ask(hosts: dict[str, Any], host: str = "ops-1") -> dict[str, Any]:
    found: dict[str, Any] = FilterModule().filters()["monitoring_fleet"](hosts, GROUPS, {}, host)
    return found


def test_a_monitoring_host_learns_of_probes_and_objectives() -> None:
    found = ask(HOSTS)
    assert found["peers"] == [{"host": "ops-1", "address": "192.0.2.9"}] and found["prober"] == "192.0.2.9"
    assert [one["labels"]["probed"] for one in found["probes"]] == ["web-1", "web-2"]
    assert {one["labels"]["service"] for one in found["probes"]} == {"shop"}
    assert found["slos"] == [{**SLO, "service": "shop"}]
    (asked,) = found["exporters"]
    assert asked["exporter"] == "blackbox" and {one["module"] for one in found["probes"]} == set(asked["modules"])


def test_another_host_runs_no_prober() -> None:
    assert ask(HOSTS, "web-1")["exporters"] == []


def test_one_service_has_one_objective() -> None:
    second = {**HOSTS["web-2"], "fleet_services": {"shop": shop(slo={"objective": 95})}}
    with pytest.raises(AnsibleFilterError, match=r"fleet_services\.shop\.slo"):
        ask({**HOSTS, "web-2": second})
