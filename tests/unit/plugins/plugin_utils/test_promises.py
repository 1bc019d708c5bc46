# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each role that a host has promises something, and one that it has not promises nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.fleet.plugins.module_utils import health, health_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils import exporter_plan, promises

TARGETS = [
    {"host": "web-1", "exporter": "node", "name": "node", "port": 9100},
    {"host": "web-1", "exporter": "shop", "name": "shop", "port": 8080},
    {"host": "db-1", "exporter": "postgres", "name": "postgres", "port": 9187},
]
SERVERS = [{"host": "192.0.2.9", "port": 2514, "name": "ops-1"}]


def promised(name: str = "web-1", groups: Any = ("all",), servers: Any = (), **variables: Any) -> dict[str, Any]:
    return promises.host_promises(name, variables, groups, TARGETS, ["node", "postgres"], servers)


def test_a_plain_host() -> None:
    found = promised()
    pair = {"ca": "/etc/groundwork/tls/ca.crt", "certificate": "/etc/groundwork/tls/host.crt", "key": "/etc/groundwork/tls/host.key"}
    assert found == {
        "certificate": {"certificate": {**pair, "name": "web-1", "days": 7}},
        "exporter node": {"http": {"url": "https://127.0.0.1:9100/metrics", **pair}, "retries": 1, "delay": 2},
    }


def test_a_host_that_ships_logs_and_one_that_monitors() -> None:
    found = promised(servers=SERVERS)
    assert found["logs to ops-1"]["connection"] == {"host": "192.0.2.9", "port": 2514}
    both = [*SERVERS, {"host": "192.0.2.10", "port": 2515, "name": "ops-2"}]
    first = {"fleet_logs": {"outputs": {"log_servers": {"servers": "first_available"}}}}
    assert {name for name in promised(servers=both) if name.startswith("logs to")} == {"logs to ops-1", "logs to ops-2"}
    assert promised(servers=both, **first)["logs to ops-1 or ops-2"]["connection"]["others"] == ["192.0.2.10:2515"]
    assert found["log shipping"] == {"systemd_unit": {"name": "groundwork-log-collector.service"}}
    assert promised("ops-1", ["all", "monitoring"])["prometheus"]["http"]["url"] == "https://127.0.0.1:9090/-/ready"


@pytest.mark.parametrize(
    ("variables", "lost"),
    [
        ({"certificates_state": "absent"}, {"certificate"}),
        ({"log_shipping_state": "absent"}, {"log shipping", "logs to ops-1"}),
        ({"monitoring_state": "absent"}, {"prometheus"}),
    ],
)
def test_a_role_that_is_absent_promises_nothing(variables: dict[str, Any], lost: set[str]) -> None:
    everything = promised(groups=["monitoring"], servers=SERVERS)
    assert set(everything) - set(promised(groups=["monitoring"], servers=SERVERS, **variables)) == lost


def test_where_it_listens_and_where_its_certificate_is() -> None:
    found = promised(exporters_listen="2001:db8::7", fleet_tls_directory="/srv/tls")["exporter node"]["http"]
    assert (found["url"], found["ca"]) == ("https://[2001:db8::7]:9100/metrics", "/srv/tls/ca.crt")


def test_the_checks_are_checks() -> None:
    """What the roles promise is what the module takes."""
    types = health.check_types()
    declared = promised(groups=["monitoring"], servers=SERVERS)
    parsed = health_input.parse(declared, types, lambda name: health.load_type(name, types[name].read_text(encoding="utf-8")), 60)
    assert {check.name for check in parsed} == set(declared)


def test_the_directory_of_textfiles() -> None:
    assert promises.textfile_directory("web-1", {}, TARGETS) == "/var/lib/prometheus/node-exporter"
    assert promises.textfile_directory("db-1", {}, TARGETS) == ""
    own = {"exporters_enabled": {"node": {"textfile_directory": "/srv/textfiles"}}}
    assert promises.textfile_directory("web-1", own, TARGETS) == "/srv/textfiles"


def test_the_default_directory_is_that_of_the_catalogue() -> None:
    root = Path(str(promises.__file__)).parents[2]
    entry = yaml.safe_load((root / "catalogue/exporters/node.yml").read_text(encoding="utf-8"))
    assert f"default('{exporter_plan.TEXTFILES}')" in entry["exec"]


def test_an_exporter_is_asked_where_it_listens_and_as_it_wants() -> None:
    target = {"host": "web-1", "exporter": "node", "name": "node", "port": 9100, "path": "/m"}
    variables = {"ansible_host": "192.0.2.7", "ansible_facts": {"all_ipv4_addresses": ["192.0.2.7"]}, "exporters_basic_auth": {"a": "b"}}
    http = promises.host_promises("web-1", variables, [], [target], {"node": {}}, [])["exporter node"]["http"]
    assert http["url"] == "https://192.0.2.7:9100/m" and http["header_file"] == "/etc/groundwork/exporters/authorization"
