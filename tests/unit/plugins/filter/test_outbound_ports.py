# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from typing import Any

TARGETS = [{"host": "web-1", "exporter": "node", "port": 9100}]
EXPRESSION = "targets | groundwork.fleet.outbound_ports(name, groups)"


def test_what_the_parts_of_the_fleet_reach(render: Callable[..., Any]) -> None:
    groups = {"all": ["web-1", "ops-1"], "monitoring": ["ops-1"], "log_servers": ["ops-1"]}
    assert render(EXPRESSION, targets=TARGETS, name="ops-1", groups=groups) == [
        {"service": "log_shipping", "port": 2514, "to": ["log_servers"]},
        {"service": "scrape", "port": 9100, "to": ["web-1"]},
    ]
    assert render(EXPRESSION, targets=TARGETS, name="web-1", groups={"all": ["web-1"]}) == []
