# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import exporter_plan as plan

CATALOGUE = Path(plan.__file__).resolve().parents[2] / "catalogue" / "exporters"
ENTRIES = {path.stem: yaml.safe_load(path.read_text()) for path in CATALOGUE.glob("*.yml")}
PLATFORM = {"unit_directory": "/u", "web_config_flag": "--web.config.file", "stunnel": {"package": "stunnel4", "program": "stunnel4"}}


def host(major: str = "13", family: str = "Debian", machine: str = "x86_64", **settings: Any) -> plan.Host:
    facts = {"os_family": family, "distribution": family, "distribution_major_version": major, "architecture": machine}
    facts["all_ipv4_addresses"] = ["192.0.2.7"]
    return plan.host_of({"platform": PLATFORM, "fleet": {"tls_directory": "/tls", "address": "web-1"}, **settings}, facts)


def decide(enabled: dict[str, Any], services: list[dict[str, Any]] | None = None, **options: Any) -> dict[str, Any]:
    return plan.exporter_plan(ENTRIES, enabled, services or [], host(**options))


def test_an_exporter_speaks_tls_itself_and_the_packages_unit_never_runs() -> None:
    decided = decide({"node": {}})
    assert decided["packages"] == {"prometheus-node-exporter": None}
    assert decided["files"]["/u/prometheus-node-exporter.service"] == {"link": "/dev/null"}
    text = decided["files"]["/u/groundwork-exporter-node.service"]["content"]
    assert "--web.listen-address=0.0.0.0:9100" in text and "--web.config.file=/etc/groundwork/exporters/node.yml" in text
    assert "LoadCredential=host.key:/tls/host.key" in text and "ProtectSystem=strict" in text
    assert "/tls/host.crt" in decided["units"]["groundwork-exporter-node.service"]["restart_on"]
    assert decided["targets"] == [{"exporter": "node", "name": "node", "port": 9100}]


def test_one_that_cannot_gets_a_tunnel_and_listens_on_the_loopback() -> None:
    decided = decide({"nginx": {}}, major="12")
    assert set(decided["packages"]) == {"prometheus-nginx-exporter", "stunnel4"}
    exporter = decided["files"]["/u/groundwork-exporter-nginx.service"]["content"]
    assert "--web.listen-address=127.0.0.1:19113" in exporter and "LoadCredential" not in exporter
    tunnel = decided["files"]["/etc/groundwork/exporters/nginx-tls.conf"]["vars"]
    assert tunnel["accept"] == "0.0.0.0:9113" and tunnel["connect"] == "127.0.0.1:19113"
    assert decided["checks"]["nginx_nginx_up"]["http"]["url"] == "https://127.0.0.1:9113/metrics"
    assert "nginx-tls.service" not in str(decide({"nginx": {}})["units"].keys())


def test_what_an_exporter_needs_beforehand_is_a_unit_and_can_be_undone() -> None:
    decided = decide({"postgres": {}})
    prepare = decided["files"]["/u/groundwork-exporter-postgres-prepare.service"]["content"]
    assert "Type=oneshot" in prepare and "User=postgres" in prepare and "GRANT pg_monitor" in prepare
    assert "Wants=groundwork-exporter-postgres-prepare.service" in decided["files"]["/u/groundwork-exporter-postgres.service"]["content"]
    assert decided["undo"][0]["command"].startswith("runuser -u postgres -- psql ")


def test_services_ask_for_exporters_and_the_host_has_the_last_word() -> None:
    services = [{"service": "shop", "exporter": "nginx", "address": "http://127.0.0.1:1/"}, {"service": "orders", "port": 8080}]
    found = plan.instances(ENTRIES, {"node": {}, "nginx": {"port": 9999}}, services)
    assert [(one.name, one.options.get("port"), one.options.get("address")) for one in found] == [
        ("nginx", 9999, "http://127.0.0.1:1/"),
        ("node", None, None),
    ]
    assert [one.name for one in plan.instances(ENTRIES, {"node": {}, "nginx": None}, services)] == ["node"]


def test_two_of_a_kind_need_names_and_ports() -> None:
    twice = [{"service": "a", "exporter": "nginx", "address": "x"}, {"service": "b", "exporter": "nginx", "address": "y"}]
    with pytest.raises(BadInput, match="a name of its own"):
        decide({}, twice)
    with pytest.raises(BadInput, match="'nginx' has it too"):
        decide({"nginx": {}, "other": {"exporter": "nginx"}})
    assert len(decide({"nginx": {}, "other": {"exporter": "nginx", "port": 9114}})["targets"]) == 2


def test_what_is_no_longer_asked_for_is_taken_away() -> None:
    decided = plan.exporter_plan(ENTRIES, {}, [], host(), ["/u/groundwork-exporter-node.service", "/u/groundwork-exporter-apt.timer"])
    assert decided["units"]["groundwork-exporter-node.service"] == {"state": "stopped", "enabled": False}
    assert decided["files"]["/u/groundwork-exporter-node.service"] == {"absent": True}
    assert decided["files"]["/var/lib/prometheus/node-exporter/apt.prom"] == {"absent": True}
    assert decided["releases"] == {"groundwork-exporter-node": {"state": "absent"}}
    assert decided["files"][plan.DIRECTORY]["purge"] is True


@pytest.mark.parametrize(
    ("enabled", "options", "message"),
    [
        ({"nod": {}}, {}, "Did you mean 'node'"),
        ({"node": "yes"}, {}, "a mapping of options, or null"),
        ({"node": {"port": "9100"}}, {}, "a port from 1 to 65535"),
        ({"node": {}}, {"family": "Alpine"}, "a package for Alpine"),
    ],
)
def test_what_cannot_be_is_refused(enabled: dict[str, Any], options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        decide(enabled, **options)


@pytest.mark.parametrize(
    ("change", "message"),
    [({"prot": 1}, "Did you mean 'port'"), ({"exec": "x {{ nothing }}"}, "a template that renders"), ({"tls": "nativ"}, "'native'")],
)
def test_a_wrong_entry_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        plan.exporter_plan({"node": {**ENTRIES["node"], **change}}, {"node": {}}, [], host())


def test_what_the_host_alone_knows_is_taken_away() -> None:
    found = [f"/u/groundwork-exporter-{name}.service" for name in ("node", "node2", "shop-tls", "nginx")]
    decided = plan.exporter_plan(ENTRIES, {"node": {}}, [], host(), found)
    for name in ("node2", "shop-tls"):
        assert decided["units"][f"groundwork-exporter-{name}.service"] == {"state": "stopped", "enabled": False}
        assert decided["files"][f"/u/groundwork-exporter-{name}.service"] == {"absent": True}
    assert decided["units"]["groundwork-exporter-node.service"]["state"] == "started"
    assert sorted(decided["gone"]) == [f"groundwork-exporter-{name}.service" for name in ("nginx", "node2", "shop-tls")]


def test_the_most_special_platform_wins() -> None:
    value = {"default": 1, "Debian": 2, "Debian-12": 3}
    assert [plan.for_platform(value, names) for names in ([], ["Debian"], ["Debian", "Debian-12"])] == [1, 2, 3]


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_every_entry_is_short_and_names_alerts_that_there_are(name: str) -> None:
    assert len((CATALOGUE / f"{name}.yml").read_text().splitlines()) <= 31
    rules = yaml.safe_load((CATALOGUE.parent / "alerts" / f"{name}.yml").read_text())["groups"][0]["rules"]
    assert sorted(ENTRIES[name]["alerts"]) == sorted(rule["alert"] for rule in rules)
