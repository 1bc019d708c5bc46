# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.groundwork.fleet.plugins.plugin_utils import monitoring_fleet as fleet

HOSTS = {"ops-1": {"fleet_address": "192.0.2.1"}, "ops-2": {"ansible_host": "192.0.2.2"}}
OUTSIDE = {"http": {"url": "https://shop.example/", "ca": "/pki/ca.crt"}, "from": "outside"}


def test_every_monitoring_host_knows_the_others_by_where_the_fleet_reaches_them() -> None:
    found = fleet.monitoring_fleet(HOSTS, {"all": ["ops-1", "ops-2"], "monitoring": ["ops-1", "ops-2"]}, {}, "ops-2")
    assert found["peers"] == [{"host": "ops-1", "address": "192.0.2.1"}, {"host": "ops-2", "address": "192.0.2.2"}]
    assert found["prober"] == "192.0.2.2" and found["probes"] == [] and found["exporters"] == [] and found["slos"] == []


def test_a_catalogues_service_is_probed_under_its_name() -> None:
    catalogue = {"shop": {"package": {"name": "shop"}, "health": [OUTSIDE]}}
    hosts = {"web-1": {"fleet_services": {"front": {"catalogue": "shop"}}, "fleet_tls_directory": "/pki"}}
    found = fleet.monitoring_fleet(hosts, {"all": ["web-1"], "monitoring": ["web-1"]}, catalogue, "web-1")
    assert [one["labels"]["service"] for one in found["probes"]] == ["front"]
    (module,) = found["exporters"][0]["modules"].values()
    assert module["http"]["tls_config"]["ca_file"].startswith("/run/credentials/")
