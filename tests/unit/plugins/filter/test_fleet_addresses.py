# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import topology

Render = Callable[..., Any]


@pytest.fixture(autouse=True)
def no_resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topology, "resolved", lambda name: [])


HOSTS = {
    "web-1": {"ansible_host": "192.0.2.11", "ansible_facts": {"default_ipv4": {"address": "10.0.0.11"}}},
    "db-1": {"ansible_host": "db-1.example.org"},
}


def test_hosts_and_groups_have_addresses(render: Render) -> None:
    groups = {"all": ["web-1", "db-1"], "web": ["web-1"]}
    assert render("hosts | groundwork.fleet.fleet_addresses(groups)", hosts=HOSTS, groups=groups) == {
        "web-1": ["192.0.2.11"],
        "db-1": ["db-1"],
        "all": ["192.0.2.11"],
        "web": ["192.0.2.11"],
    }


def test_only_hosts_of_the_inventory_count(render: Render) -> None:
    assert render("hosts | groundwork.fleet.fleet_addresses(groups)", hosts=HOSTS, groups={"all": ["db-1"]}) == {
        "db-1": ["db-1"],
        "all": ["db-1"],
    }
