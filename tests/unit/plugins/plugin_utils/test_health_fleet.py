# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which checks the controller can make too, and one view of both sides."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import health_fleet, health_results

SHOP = {
    "package": {"name": "shop"},
    "health": [
        {"http": {"url": "http://127.0.0.1:8080/healthz"}},
        {"http": {"url": "https://shop.example/"}, "retries": 2},
        {"tcp": {"host": "192.0.2.7", "port": 443}, "name": "door", "from": "outside"},
    ],
}
FLEET = {"web-1": {"fleet_services": {"shop": SHOP}}, "db-1": {}}
OK = {"status": "ok", "type": "tcp"}


def test_only_what_says_so_is_seen_from_outside() -> None:
    assert health_fleet.outside_checks(FLEET, ["web-1", "db-1"], {}) == {"web-1 / shop door": {"tcp": {"host": "192.0.2.7", "port": 443}}}


def test_or_all_that_can_be() -> None:
    assert health_fleet.outside_checks(FLEET, ["web-1"], {}, every=True) == {
        "web-1 / shop http 2": {"http": {"url": "https://shop.example/"}, "retries": 2},
        "web-1 / shop door": {"tcp": {"host": "192.0.2.7", "port": 443}},
    }


@pytest.mark.parametrize(
    ("check", "seen"),
    [
        ({"http": {"url": "https://shop.example/"}}, True),
        ({"http": {"url": "http://[::1]:80/"}}, False),
        ({"http": {"url": "http://localhost/"}}, False),
        ({"http": {"url": "https://shop.example/", "certificate": "/etc/x.crt", "key": "/etc/x.key"}}, False),
        ({"tcp": {"port": 22}}, False),
        ({"tcp": {"port": 22, "host": "0.0.0.0"}}, False),
        ({"tcp": {"port": 22, "host": "192.0.2.1"}, "retries": 1}, True),
        ({"certificate": {"host": "shop.example", "port": 443}}, True),
        ({"systemd_unit": {"name": "nginx.service"}}, False),
        ({"tcp": None}, False),
        ({"http": {"url": "https://shop.example/", "ca": "/etc/x.crt"}}, False),
        ({"grpc_health": {"port": 50051, "host": "shop.example"}}, True),
        ({"postgresql": {"host": "/run/postgresql/.s.PGSQL.5432"}}, False),
        ({"elasticsearch": {}}, False),
        ({"clock_offset": {"server": "192.0.2.1"}}, True),
    ],
)
def test_what_the_controller_can_see(check: dict[str, Any], seen: bool) -> None:
    assert health_fleet.seen_from_outside(check) is seen


def test_both_views_are_one() -> None:
    variables = {
        "web-1": {"run": {"results": {"health": {"checks": {"ssh": OK}}}}},
        "db-1": {"run": {"checks": {"ssh": OK}}},
        "ops-1": {"run": {"unreachable": True, "msg": "no route"}},
        "new-1": {},
    }
    outside = {"checks": {"web-1 / shop http": OK, "ops-1 / page": OK}}
    found = health_fleet.fleet_results(variables, list(variables), "run", outside)
    assert {host: sorted(answer.get("checks", ())) for host, answer in found.items()} == {
        "web-1": ["shop http (from outside)", "ssh"],
        "db-1": ["ssh"],
        "ops-1": ["(host)", "page (from outside)"],
        "new-1": [],
    }
    assert health_results.summary(found)["ill_hosts"] == ["new-1", "ops-1"]
    assert found["ops-1"]["checks"]["(host)"]["message"] == "no route"
    assert "page (from outside)" not in variables["web-1"]["run"]["results"]["health"]["checks"]


def test_a_host_that_was_not_reached_says_why() -> None:
    words = "Failed to connect to the host via ssh: No route to host"
    variables = {"gone-1": {"facts": {"unreachable": True, "msg": words}}, "web-1": {"facts": {"skipped": True}}}
    found = health_fleet.fleet_results(variables, ["gone-1", "web-1"], "run", first="facts")
    assert found == {"gone-1": {"msg": words, "unreachable": True}, "web-1": {}}


def test_a_check_of_no_host_is_refused() -> None:
    with pytest.raises(BadInput, match="outside is 'page'; expected checks named \"HOST / CHECK\""):
        health_fleet.fleet_results({"web-1": {}}, ["web-1"], "run", {"checks": {"page": OK}})
