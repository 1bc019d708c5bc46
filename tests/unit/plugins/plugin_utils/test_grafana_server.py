# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import configparser
import json
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import grafana_server as grafana

PASSWORD = "correct # horse"
DIRECTORY = "/etc/groundwork/monitoring/grafana"
SETTINGS: dict[str, Any] = {
    "listen": "0.0.0.0",
    "prometheus_port": 9090,
    "grafana_state": "present",
    "grafana_password": PASSWORD,
    "grafana_domain": "",
    "grafana_port": 3000,
    "grafana_settings": {},
    "fleet": {"tls_directory": "/tls"},
    "platform": {"unit_directory": "/u"},
}
BOARDS = {"fleet": {"uid": "groundwork-fleet"}, "host": {"uid": "groundwork-host"}}


def decide(**given: Any) -> dict[str, Any]:
    return grafana.plan({**SETTINGS, **given}, BOARDS, DIRECTORY, "ops-1")


def content(plan: dict[str, Any], path: str) -> str:
    return str(plan["files"][f"{DIRECTORY}/{path}"]["content"])


def ini(plan: dict[str, Any]) -> configparser.ConfigParser:
    found = configparser.ConfigParser(interpolation=None)
    found.read_string(content(plan, "grafana.ini"))
    return found


def test_it_speaks_tls_lets_nobody_in_without_an_account_and_asks_nobody_outside() -> None:
    found = ini(decide(grafana_domain="grafana.example.org"))
    assert found["server"]["protocol"] == "https" and found["server"]["cert_key"] == f"{grafana.CREDENTIALS}/host.key"
    assert found["server"]["root_url"] == "https://grafana.example.org:3000/"
    assert not found["auth.anonymous"].getboolean("enabled") and not found["users"].getboolean("allow_sign_up")
    assert not any(found["analytics"].getboolean(key) for key in found["analytics"])
    assert found["security"]["cookie_secure"] == "true"
    assert found["paths"]["provisioning"] == f"{DIRECTORY}/provisioning"


def test_prometheus_is_reached_by_certificates_that_stand_in_no_file_of_grafana() -> None:
    source = yaml.safe_load(content(decide(), "provisioning/datasources/groundwork.yaml"))["datasources"][0]
    assert source["url"] == "https://127.0.0.1:9090" and source["uid"] == "groundwork-prometheus"
    assert source["jsonData"]["tlsAuth"] and source["jsonData"]["tlsAuthWithCACert"]
    assert source["secureJsonData"]["tlsClientKey"] == "$__file{/run/credentials/groundwork-grafana.service/host.key}"


def test_dashboards_are_files_that_it_reads_by_itself() -> None:
    plan = decide()
    provider = yaml.safe_load(content(plan, "provisioning/dashboards/groundwork.yaml"))["providers"][0]
    assert provider["options"]["path"] == f"{DIRECTORY}/dashboards" and not provider["allowUiUpdates"]
    assert json.loads(content(plan, "dashboards/host.json")) == BOARDS["host"]
    assert plan["files"][f"{DIRECTORY}/dashboards"] == {"directory": True, "purge": "*"}
    assert not any("/dashboards/host.json" in path for path in plan["units"][grafana.UNIT]["restart_on"])


def test_the_password_is_in_secret_files_only() -> None:
    plan = decide()
    header = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
    told = {path for path, file in plan["files"].items() if PASSWORD in str(file) or header in str(file)}
    assert told == {f"{DIRECTORY}/admin-password", f"{DIRECTORY}/authorization"}
    assert all(plan["files"][path]["secret"] and plan["files"][path]["mode"] == "0400" for path in told)
    assert PASSWORD not in str(plan["checks"]) and PASSWORD not in str(plan["units"])


def test_the_unit_has_an_account_of_its_own_and_a_sandbox() -> None:
    text = str(decide()["files"]["/u/groundwork-grafana.service"]["content"])
    assert "DynamicUser=yes" in text and "ProtectSystem=strict" in text and "StateDirectory=groundwork-grafana" in text
    assert f"LoadCredential=admin-password:{DIRECTORY}/admin-password" in text and "LoadCredential=host.key:/tls/host.key" in text


def test_it_is_proven_that_it_reaches_prometheus_and_shows_the_dashboards() -> None:
    checks = decide(listen="192.0.2.9")["checks"]
    asked = [check["http"]["url"].removeprefix("https://192.0.2.9:3000") for check in checks.values()]
    assert asked == ["/api/user", "/api/datasources/uid/groundwork-prometheus/health", "/api/dashboards/uid/groundwork-host"]
    assert all(check["http"]["header_file"] == f"{DIRECTORY}/authorization" for check in checks.values())


def test_settings_of_ones_own_win_and_may_hold_anything_of_one_line() -> None:
    plan = decide(grafana_settings={"smtp": {"enabled": True, "password": 'a;b#c"'}, "users": {"allow_sign_up": True}})
    text = content(plan, "grafana.ini")
    assert 'password = """a;b#c""""' in text and "allow_sign_up = true" in text and "[smtp]\nenabled = true" in text
    assert plan["files"][f"{DIRECTORY}/grafana.ini"]["secret"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"grafana_password": ""}, "monitoring_grafana_password is ''; expected a password"),
        ({"grafana_password": ["x"]}, r"monitoring_grafana_password is \(hidden\)"),
        ({"grafana_settings": {"smtp": True}}, "monitoring_grafana_settings.smtp"),
        ({"grafana_settings": {"smtp": {"password": "two\nlines"}}}, r"monitoring_grafana_settings.smtp.password is \(hidden\)"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        decide(**given)


def test_absent_stops_it_and_takes_away_what_it_kept() -> None:
    plan = decide(grafana_state="absent", grafana_password="")
    assert plan["gone"] == {"groundwork-grafana.service": {"state": "stopped", "enabled": False}}
    assert set(plan["files"]) == {"/u/groundwork-grafana.service", "/var/lib/groundwork-grafana", "/var/lib/private/groundwork-grafana"}
    assert all(file == {"absent": True} for file in plan["files"].values())
    assert plan["packages"] == {"owner": "monitoring_grafana", "state": "absent"} and not plan["units"] and not plan["checks"]
