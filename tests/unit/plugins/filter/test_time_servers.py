# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.groundwork.fleet.plugins.filter import time_servers


def test_a_host_asks_all_but_itself() -> None:
    hosts = {"ops-1": {"ansible_host": "192.0.2.1"}, "ops-2": {"fleet_address": "time.example.org"}, "web-1": {}}
    asked = time_servers.FilterModule().filters()["time_servers"]
    first, second = {"name": "ops-1", "address": "192.0.2.1"}, {"name": "ops-2", "address": "time.example.org"}
    assert asked(["ops-1", "ops-2"], hosts, "web-1") == [first, second]
    assert asked(["ops-1", "ops-2"], hosts, "ops-1") == [second] and asked([], hosts, "web-1") == []
