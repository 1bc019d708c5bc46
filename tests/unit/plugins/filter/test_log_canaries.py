# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Render = Callable[..., Any]

HOSTS: dict[str, Any] = {"web-1": {"__log_shipping_canary": "line of web-1"}, "db-1": {}}


def test_a_host_that_wrote_a_line_is_looked_for(render: Render) -> None:
    assert render("hosts | groundwork.fleet.log_canaries", hosts=HOSTS) == {"web-1": "line of web-1"}
    assert render("hosts | groundwork.fleet.log_canaries('ops-1')", hosts=HOSTS) == {"web-1": "line of web-1"}


def test_a_host_that_does_without_the_log_servers_is_not(render: Render) -> None:
    alone = {"web-1": {**HOSTS["web-1"], "fleet_logs": {"outputs": {"log_servers": None, "copy": {}}}}}
    assert render("hosts | groundwork.fleet.log_canaries", hosts=alone) == {}
