# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import time_plan

SETTINGS: dict[str, Any] = {
    "state": "present",
    "servers": [{"name": "pool.ntp.org", "pool": True, "nts": False, "prefer": False}],
    "fleet_servers": [],
    "fleet_clients": [],
    "fleet_nts": False,
    "serve_networks": [],
    "local_stratum": 0,
    "wait": 0,
    "maximum_offset": 0.0,
    "textfile_directory": "",
    "fleet": {"tls_directory": "/tls"},
}
SERVER = {"name": "ops-1", "address": "192.0.2.1"}


def made(**settings: Any) -> dict[str, Any]:
    return time_plan.time_plan({**SETTINGS, **settings}, "program")


def test_a_host_alone_asks_the_pool_and_serves_nobody() -> None:
    found = made()
    assert found["sources"] == ["pool pool.ntp.org iburst"] and found["clients"] == [] and found["tls"] == []


def test_the_fleets_own_servers_come_first_and_prove_themselves() -> None:
    own = {"name": "time.example.org", "pool": False, "nts": True, "prefer": True}
    found = made(fleet_servers=[SERVER], servers=[own], fleet_nts=True)
    assert found["sources"] == ["server 192.0.2.1 iburst nts", "server time.example.org iburst nts prefer"]
    assert found["tls"] == ["/tls/host.crt", "/tls/host.key", "/tls/ca.crt"] and found["trusts"] and not found["serves_nts"]
    assert made(fleet_servers=[SERVER])["sources"][0] == "server 192.0.2.1 iburst"


@pytest.mark.parametrize("name", ["ops-1", "192.0.2.1"])
def test_a_server_of_the_fleet_that_is_named_too_is_asked_once(name: str) -> None:
    assert made(fleet_servers=[SERVER], servers=[{"name": name, "nts": False}])["sources"] == ["server 192.0.2.1 iburst"]


def test_a_server_serves_the_fleet_by_address() -> None:
    found = made(fleet_clients=["192.0.2.5", "web-1", "192.0.2.5"], serve_networks=["198.51.100.0/24"], fleet_nts=True)
    assert found["clients"] == ["198.51.100.0/24", "192.0.2.5"] and found["serves_nts"] and not found["trusts"]


def test_servers_that_ask_each_other_are_orphans_together() -> None:
    assert made(fleet_servers=[SERVER], fleet_clients=["192.0.2.5"], local_stratum=10)["orphan"]
    assert not made(fleet_clients=["192.0.2.5"], local_stratum=10)["orphan"]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"servers": []}, "expected at least one server, or time_sync_local_stratum from 1 to 15"),
        ({"servers": [], "local_stratum": 16}, "at least one server"),
        ({"maximum_offset": -1.0}, "seconds, 0 for no bound"),
        ({"maximum_offset": 0.1}, "to stand beside time_sync_wait"),
        ({"servers": [{"name": "a nts", "nts": False}]}, "'a nts'; expected a name or an address"),
        ({"serve_networks": ["192.0.2.0/33"]}, r"'192.0.2.0/33'; expected a network \(CIDR\) or an address"),
    ],
)
def test_wrong_input_is_refused_by_name(settings: dict[str, Any], expected: str) -> None:
    with pytest.raises(BadInput, match=expected):
        made(**settings)


def test_a_removal_asks_for_no_source() -> None:
    found = made(state="absent", servers=[], textfile_directory="/t")
    assert found["removal"]["files"] == {"/t/groundwork_time.prom": {"content": ""}}


def test_how_well_the_clock_is_kept_is_told_every_minute() -> None:
    assert (
        "OnCalendar=minutely"
        in made(textfile_directory="/t")["status"]["files"]["/etc/systemd/system/groundwork-time-status.timer"]["content"]
    )
