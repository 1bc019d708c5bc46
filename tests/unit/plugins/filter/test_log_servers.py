# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Render = Callable[..., Any]

HOSTS = {"ops-1": {"fleet_address": "192.0.2.13"}, "ops-2": {"ansible_host": "ops-2.example.org"}}


def test_address_port_and_the_name_of_the_certificate(render: Render) -> None:
    assert render("['ops-1', 'ops-2'] | groundwork.fleet.log_servers(hosts)", hosts=HOSTS) == [
        {"host": "192.0.2.13", "port": 2514, "name": "ops-1"},
        {"host": "ops-2.example.org", "port": 2514, "name": "ops-2"},
    ]


def test_a_fleet_without_log_servers(render: Render) -> None:
    assert render("[] | groundwork.fleet.log_servers(hosts)", hosts=HOSTS) == []
