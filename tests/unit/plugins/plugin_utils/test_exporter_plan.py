# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import basic_auth
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
    assert "LoadCredential=crl.pem:/tls/crl.pem" in decided["files"]["/u/groundwork-exporter-nginx-tls.service"]["content"]
    assert "/tls/crl.pem" in decided["units"]["groundwork-exporter-nginx-tls.service"]["restart_on"]
    assert decided["checks"]["nginx_nginx_up"]["http"]["url"] == "https://127.0.0.1:9113/metrics"
    assert "nginx-tls.service" not in str(decide({"nginx": {}})["units"].keys())


def test_what_an_exporter_needs_beforehand_is_a_unit_and_can_be_undone() -> None:
    decided = decide({"postgres": {}})
    prepare = decided["files"]["/u/groundwork-exporter-postgres-prepare.service"]["content"]
    assert "Type=oneshot" in prepare and "User=postgres" in prepare and "GRANT pg_monitor" in prepare
    assert "Wants=groundwork-exporter-postgres-prepare.service" in decided["files"]["/u/groundwork-exporter-postgres.service"]["content"]
    assert decided["undo"][0]["command"].startswith("runuser -u postgres -- psql ")


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
    assert decided["files"]["/var/lib/prometheus/node-exporter/apt.prom.partial"] == {"absent": True}
    assert decided["releases"] == {"groundwork-exporter-node": {"state": "absent"}}
    assert decided["files"][plan.DIRECTORY]["purge"] == "*"


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


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_every_entry_is_short_and_names_alerts_that_there_are(name: str) -> None:
    assert len((CATALOGUE / f"{name}.yml").read_text().splitlines()) <= 31
    rules = yaml.safe_load((CATALOGUE.parent / "alerts" / f"{name}.yml").read_text())["groups"][0]["rules"]
    assert sorted(ENTRIES[name]["alerts"]) == sorted(rule["alert"] for rule in rules)


def own(**entry: Any) -> dict[str, Any]:
    return {"own": {"port": 9999, "exec": "{{ program }} --listen={{ listen }}", "proof": {"own_up": 1}, **entry}}


def decide_own(options: dict[str, Any] | None = None, entry: dict[str, Any] | None = None, **settings: Any) -> dict[str, Any]:
    return plan.exporter_plan(own(**(entry or {})), {"own": options or {}}, [], host(**settings))


RELEASE = {"install": {"release": {"repository": "example/own_exporter"}}}


def test_a_release_comes_from_the_mirror_by_its_checksum() -> None:
    decided = decide_own({"release": {"version": "1.2", "sha256": {"arm64": "a" * 64}}}, RELEASE, machine="aarch64", mirror="/srv/mirror")
    release = decided["releases"]["groundwork-exporter-own"]
    assert release["url"] == "/srv/mirror/example/own_exporter/releases/download/v1.2/own_exporter-1.2.linux-arm64.tar.gz"
    assert release["sha256"] == "a" * 64 and release["version"] == "1.2"
    assert (
        "ExecStart=/opt/groundwork-exporter-own/current/own_exporter " in decided["files"]["/u/groundwork-exporter-own.service"]["content"]
    )
    assert "/opt/groundwork-exporter-own/current" in decided["units"]["groundwork-exporter-own.service"]["restart_on"]
    assert decided["packages"] == {}


def test_a_program_that_is_there_is_taken_as_it_is() -> None:
    decided = decide_own({"install": "present", "path_of_program": "/opt/own/bin/own"}, RELEASE)
    assert decided["packages"] == {} and decided["releases"] == {}
    assert "ExecStart=/opt/own/bin/own " in decided["files"]["/u/groundwork-exporter-own.service"]["content"]


SECRET = {
    "install": {"present": "/bin/own"},
    "secrets": ["password"],
    "credentials": {"password": "{{ options.password | default('') }}"},
    "secret_environment": {"OWN_PASSWORD": "password"},
}


def test_a_secret_reaches_the_program_as_a_credential_and_stands_nowhere_else() -> None:
    decided = decide_own({"password": "correct horse"}, SECRET)
    file = decided["files"]["/etc/groundwork/exporters/own-password"]
    assert file == {"content": "correct horse", "secret": True, "mode": "0400"}
    unit = decided["files"]["/u/groundwork-exporter-own.service"]["content"]
    assert "LoadCredential=password:/etc/groundwork/exporters/own-password" in unit and "correct horse" not in unit
    assert "OWN_PASSWORD=" in unit and "$$CREDENTIALS_DIRECTORY/password" in unit
    assert "/etc/groundwork/exporters/own-password" in decided["units"]["groundwork-exporter-own.service"]["restart_on"]


def test_a_secret_that_is_not_given_leaves_no_trace() -> None:
    unit = decide_own({}, SECRET)["files"]["/u/groundwork-exporter-own.service"]["content"]
    assert "OWN_PASSWORD" not in unit and "LoadCredential=password" not in unit


def test_a_secret_in_a_command_is_refused_without_showing_it() -> None:
    with pytest.raises(BadInput, match="a template that renders") as told:
        decide_own({"password": "correct horse"}, {**SECRET, "exec": "{{ program }} --password={{ options.password }}"})
    assert "correct horse" not in str(told.value)


def test_a_page_that_is_there_gets_a_tunnel_and_no_program() -> None:
    entries = {"own": {"port": 9999, "upstream": "127.0.0.1:8080", "proof": {"own_up": 1}, "path": "/m"}}
    decided = plan.exporter_plan(entries, {"own": {}}, [], host())
    assert decided["files"]["/etc/groundwork/exporters/own-tls.conf"]["vars"]["connect"] == "127.0.0.1:8080"
    assert list(decided["units"]) == ["groundwork-exporter-own-tls.service"]
    assert "BindsTo" not in decided["files"]["/u/groundwork-exporter-own-tls.service"]["content"]
    assert decided["checks"]["own_own_up"]["http"]["url"].endswith(":9999/m")


def test_a_collector_leaves_a_text_that_node_passes_on() -> None:
    entries = {"own": {"collect": {"command": "own --all", "interval": "1h"}, "proof": {"own_up": None}}}
    decided = plan.exporter_plan(entries, {"own": {}}, [], host())
    assert decided["targets"] == [] and list(decided["units"]) == ["groundwork-exporter-own.timer"]
    service = decided["files"]["/u/groundwork-exporter-own.service"]["content"]
    assert "Type=oneshot" in service and "own.prom.partial && mv" in service and "WantedBy" not in service
    assert "OnUnitActiveSec=1h" in decided["files"]["/u/groundwork-exporter-own.timer"]["content"]
    assert list(decided["texts"]) == [f"/var/lib/prometheus/node-exporter/own.prom{end}" for end in ("", ".partial")]


WAY = {"authentication": "both", "basic_auth": {"prometheus": "correct horse"}}


def test_a_password_is_asked_for_besides_the_certificate() -> None:
    decided = plan.exporter_plan(ENTRIES, {"node": {}}, [], host(**WAY))
    web = yaml.safe_load(decided["files"]["/etc/groundwork/exporters/node.yml"]["content"])
    assert web["basic_auth_users"] == basic_auth.users("prometheus:correct horse") and web["tls_server_config"]["client_auth_type"]
    assert decided["checks"]["node_node_systemd_version"]["http"]["header_file"] == plan.AUTHORIZATION
    assert decided["files"][plan.AUTHORIZATION]["secret"] is True
    unit = decided["files"]["/u/groundwork-exporter-node.service"]["content"]
    assert "LoadCredential=web.yml:/etc/groundwork/exporters/node.yml" in unit
    only = plan.exporter_plan(ENTRIES, {"node": {}}, [], host(**{**WAY, "authentication": "password"}))
    assert "client_ca_file" not in only["files"]["/etc/groundwork/exporters/node.yml"]["content"]


def test_a_tunnel_cannot_ask_for_a_password() -> None:
    with pytest.raises(BadInput, match="varnish cannot ask for a password here"):
        decide({"varnish": {}}, **WAY)


def test_exporters_listen_where_the_fleet_reaches_the_host() -> None:
    facts = {"all_ipv4_addresses": ["192.0.2.7"], "all_ipv6_addresses": ["2001:db8::7"]}
    assert plan.listen_on("", "192.0.2.7", facts) == "192.0.2.7"
    assert plan.listen_on("", "2001:db8::7", facts) == "2001:db8::7"
    assert [plan.listen_on("", address, facts) for address in ("web-1", "198.51.100.1", None)] == [plan.EVERYWHERE] * 3
    assert plan.listen_on("192.0.2.8", "192.0.2.7", facts) == "192.0.2.8"


@pytest.mark.parametrize("name", sorted(ENTRIES))
@pytest.mark.parametrize("major", ["12", "13"])
def test_every_entry_makes_a_plan(name: str, major: str) -> None:
    options = {
        "backup": {"backups": {"orders": {"path": "/var/backups/orders/*"}}},
        "phpfpm": {"sockets": ["/run/php/fpm.sock"]},
        "smokeping": {"hosts": ["192.0.2.1"]},
        "sql": {"jobs": []},
    }.get(name, {})
    repository = ENTRIES[name].get("install", {}).get("release")
    packages = ENTRIES[name].get("install", {}).get("package", {})
    if repository and not packages:
        options = {**options, "release": {"version": "1", "sha256": {"amd64": "a" * 64}}}
    if major == "12" and "Debian-13" in packages:
        with pytest.raises(BadInput, match="a package for Debian or Debian-12"):
            decide({name: options}, major=major)
        return
    decided = decide({name: options}, major=major)
    assert decided["checks"] and decided["units"]


def test_a_program_of_the_collection_goes_to_the_host_with_its_options() -> None:
    decided = decide({"backup": {"interval": "2m", "backups": {"orders": {"path": "/var/backups/orders/*"}}}})
    program, options = decided["files"]["/usr/local/sbin/groundwork-exporter-backup"], decided["files"][f"{plan.DIRECTORY}/backup.json"]
    assert program["mode"] == "0755" and "collectors.backup" in program["content"]
    assert json.loads(options["content"]) == {"backups": {"orders": {"age": 129600, "path": "/var/backups/orders/*", "unit": None}}}
    unit = decided["files"]["/u/groundwork-exporter-backup.service"]["content"]
    text = "/var/lib/prometheus/node-exporter/backup.prom"
    assert f"/usr/local/sbin/groundwork-exporter-backup {plan.DIRECTORY}/backup.json {text} > {text}.partial" in unit
    assert "OnUnitActiveSec=2m" in decided["files"]["/u/groundwork-exporter-backup.timer"]["content"]
    assert f"{plan.DIRECTORY}/backup.json" in decided["units"]["groundwork-exporter-backup.timer"]["restart_on"]
    gone = plan.exporter_plan(ENTRIES, {}, [], host(), ["/u/groundwork-exporter-backup.timer"])
    assert gone["files"]["/usr/local/sbin/groundwork-exporter-backup"] == {"absent": True}


def test_entries_for_every_kind_of_source_are_there() -> None:
    assert len(ENTRIES) >= 30


def test_what_an_exporter_keeps_goes_with_it() -> None:
    kept = decide({"pushgateway": {}})["states"]
    assert kept == {f"/var/lib/{place}groundwork-pushgateway": {"absent": True} for place in ("", "private/")}
    assert decide({"node": {}})["states"] == {}
