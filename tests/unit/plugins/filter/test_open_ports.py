# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Render = Callable[..., Any]

SERVICE = {"service": "shop", "port": 443, "from": ["any"]}
TARGETS = [{"host": "web-1", "exporter": "node", "port": 9100}, {"host": "db-1", "exporter": "postgres", "port": 9187}]
EXPRESSION = "services | groundwork.fleet.open_ports(targets, name, groups)"


def ports(render: Render, name: str, **groups: list[str]) -> Any:
    return render(EXPRESSION, services=[SERVICE], targets=TARGETS, name=name, groups={"all": ["web-1", "db-1"], **groups})


def test_services_and_the_exporters_of_this_host_are_open(render: Render) -> None:
    exporter = {"service": "exporter node", "port": 9100, "from": ["monitoring"]}
    assert ports(render, "web-1", monitoring=["ops-1"]) == [SERVICE, exporter]


def test_nobody_scrapes_a_fleet_without_monitoring(render: Render) -> None:
    assert ports(render, "web-1") == [SERVICE]


def test_servers_of_the_fleet_let_it_in(render: Render) -> None:
    found = ports(render, "web-1", log_servers=["web-1"], time_servers=["web-1"])
    assert [(item["service"], item["port"], item.get("protocol")) for item in found[1:]] == [
        ("log_server", 6514, None),
        ("log_server", 2514, None),
        ("time_sync", 123, "udp"),
    ]


def test_the_health_endpoint_is_open_to_monitoring(render: Render) -> None:
    expression = "[] | groundwork.fleet.open_ports([], 'web-1', groups, endpoint)"
    found = render(expression, groups={"all": ["web-1"], "monitoring": ["ops-1"]}, endpoint={"port": 9110})
    assert found == [{"service": "health endpoint", "port": 9110, "from": ["monitoring"]}]
    assert render(expression, groups={"all": ["web-1"], "monitoring": ["ops-1"]}, endpoint={}) == []
