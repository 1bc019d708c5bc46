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
from ansible_collections.groundwork.fleet.plugins.plugin_utils import monitoring_plan as plan

ROOT = Path(plan.__file__).resolve().parents[2]
FILES = [path for path in (ROOT / "catalogue/alerts").glob("*.yml") if not path.stem.endswith("_test")]
ALERTS = {path.stem: yaml.safe_load(path.read_text()) for path in FILES}
SPEC = yaml.safe_load((ROOT / "roles/monitoring/meta/argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
EXPORTERS = {"node": {"exec": "x"}, "redis": {"exec": "x"}, "smartmon": {"collect": {"command": "x"}}}
TARGET = {"exporter": "node", "address": "192.0.2.1", "port": 9100, "host": "web-1", "labels": {"environment": "test"}}


def settings(**given: Any) -> dict[str, Any]:
    defaults = {name.removeprefix("monitoring_"): option.get("default") for name, option in SPEC.items()}
    platform = yaml.safe_load((ROOT / "roles/monitoring/platforms/Debian.yml").read_text())
    return {**defaults, "platform": platform, "fleet": {"tls_directory": "/tls"}, **given}


def decide(**given: Any) -> dict[str, Any]:
    return plan.monitoring_plan(settings(**given), EXPORTERS, ALERTS, "ops-1")


def document(decided: dict[str, Any], name: str) -> Any:
    return yaml.safe_load(decided["files"][f"{plan.DIRECTORY}/{name}"]["content"])


def test_targets_carry_their_host_and_a_services_own_page_is_plain() -> None:
    own = {"exporter": "orders", "address": "2001:db8::1", "port": 8080, "host": "web-1", "path": "/m"}
    first, second = plan.target_groups([TARGET, own], {"node": {}})
    assert first["targets"] == ["192.0.2.1:9100"]
    assert first["labels"] == {"job": "node", "host": "web-1", "instance": "web-1:9100", "environment": "test"}
    assert second["targets"] == ["[2001:db8::1]:8080"]
    assert second["labels"]["__scheme__"] == "http" and second["labels"]["__metrics_path__"] == "/m"


def test_prometheus_is_told_of_a_group_where_no_target_is_left() -> None:
    def groups(**given: Any) -> Any:
        return json.loads(decide(**given)["files"][plan.TARGETS]["content"])

    assert groups() == [{"targets": []}]
    assert [group["targets"] for group in groups(targets=[TARGET])] == [["192.0.2.1:9100"], []]


def test_a_target_without_an_address_is_refused() -> None:
    with pytest.raises(BadInput, match=r"monitoring_targets\[0\].address"):
        decide(targets=[{**TARGET, "address": ""}])


def test_prometheus_scrapes_and_delivers_over_mutual_tls() -> None:
    config = document(decide(targets=[TARGET]), "prometheus.yml")
    manager = config["alerting"]["alertmanagers"][0]
    assert manager["scheme"] == "https" and manager["tls_config"]["key_file"] == "/run/credentials/prometheus.service/host.key"
    assert [job["job_name"] for job in config["scrape_configs"]] == ["prometheus", "alertmanager", "fleet"]
    assert {job["scheme"] for job in config["scrape_configs"]} == {"https"}
    assert f"{plan.DIRECTORY}/rules/node.yml" in config["rule_files"]


@pytest.mark.parametrize(("listen", "asked"), [("192.0.2.9", "192.0.2.9"), ("::", "[::1]"), ("2001:db8::9", "[2001:db8::9]")])
def test_prometheus_asks_itself_and_alertmanager_where_they_listen(listen: str, asked: str) -> None:
    decided = decide(listen=listen)
    config = document(decided, "prometheus.yml")
    own = [job["static_configs"][0]["targets"] for job in config["scrape_configs"][:2]]
    assert own == [[f"{asked}:9090"], [f"{asked}:9093"]]
    assert config["alerting"]["alertmanagers"][0]["static_configs"] == [{"targets": [f"{asked}:9093"]}]
    assert decided["checks"]["every_target_is_scraped"]["prometheus"]["url"] == f"https://{asked}:9090"


def test_both_web_interfaces_demand_a_certificate() -> None:
    decided = decide()
    for program in plan.PROGRAMS:
        web = document(decided, f"{program}-web.yml")["tls_server_config"]
        assert web["client_auth_type"] == "RequireAndVerifyClientCert" and web["min_version"] == "TLS12"


def test_the_drop_in_replaces_the_command_and_loads_credentials() -> None:
    text = plan.drop_in("alertmanager", settings(listen="::"), "/tls")
    lines = text.splitlines()
    assert lines.index("ExecStart=") + 1 == next(number for number, line in enumerate(lines) if line.startswith("ExecStart=/usr/bin/"))
    assert "--web.listen-address=[::]:9093" in text and "LoadCredential=host.key:/tls/host.key" in text


def test_receivers_are_secret_and_everything_is_validated() -> None:
    decided = decide(receivers={"default": {"webhook": "https://a.example"}})
    assert decided["files"][f"{plan.DIRECTORY}/alertmanager.yml"]["secret"] is True
    shown, whole = [line for line in decided["validate"] if line.startswith("amtool ")]
    assert (
        plan.SHOWN in shown and f"{plan.DIRECTORY}/alertmanager.yml" in whole and "monitoring_routes" in shown
    )  # the one that may be quoted first
    assert "a.example" not in decided["files"][plan.SHOWN]["content"]
    rules = next(line for line in decided["validate"] if line.startswith("promtool check rules "))
    assert rules.count("{") == sum("/rules/" in path for path in decided["files"])
    assert decided["checks"]["every_target_is_scraped"]["prometheus"]["series"] == 2


def test_alerts_are_as_the_site_has_them() -> None:
    different = {"node_disk_full_soon": {"for": "30m"}, "node_load_high": None, "redis_down": {"for": "9m"}, "slo_burns_fast": None}
    slos = [{"service": "shop", "objective": 99.9}]
    decided = decide(targets=[TARGET], alerts=different, runbooks="https://docs.example/", slos=slos)
    found = {rule["alert"]: rule for rule in document(decided, "rules/node.yml")["groups"][0]["rules"]}
    assert found["node_disk_full_soon"]["for"] == "30m" and "node_load_high" not in found
    assert found["node_memory_low"]["annotations"]["runbook_url"].startswith("https://docs.example/docs/runbooks/")
    assert f"{plan.DIRECTORY}/rules/redis.yml" not in decided["files"]  # known, so no error, and judged nowhere
    assert "slo_burns_fast" not in json.dumps(document(decided, "rules/slo-objectives.yml"))
    with pytest.raises(BadInput, match="Did you mean 'node_load_high'"):
        decide(alerts={"node_load_hig": None})


@pytest.mark.parametrize("name", sorted(ALERTS))
def test_every_rule_is_tested_and_every_alert_has_a_runbook(name: str) -> None:
    tests = yaml.safe_load((ROOT / f"catalogue/alerts/{name}_test.yml").read_text())["tests"]
    cases = [case for test in tests for case in test.get("alert_rule_test", ())]
    fires, quiet = ({case["alertname"] for case in cases if bool(case["exp_alerts"]) is wanted} for wanted in (True, False))
    asked = {case["expr"] for test in tests for case in test.get("promql_expr_test", ())}
    for rule in ALERTS[name]["groups"][0]["rules"]:
        if "record" in rule:
            assert rule["record"] in asked
            continue
        assert rule["alert"] in fires and (rule["alert"] in quiet or rule["alert"] == "watchdog")
        assert rule["labels"]["severity"] in ("critical", "warning", "info") and rule["annotations"]["summary"]
        text = (ROOT / rule["annotations"]["runbook_url"]).read_text()
        assert [line for line in text.splitlines() if line.startswith("## ")] == ["## Symptom", "## Check", "## Mend", "## Verify"]


def test_there_are_alerts_enough_and_none_twice() -> None:
    names = [rule["alert"] for one in ALERTS.values() for rule in one["groups"][0]["rules"] if "alert" in rule]
    assert len(names) >= 80 and len(names) == len(set(names))


def test_rules_are_there_for_what_runs_and_for_collectors() -> None:
    decided = decide(targets=[TARGET])
    names = {path.rpartition("/")[2] for path in decided["files"] if "/rules/" in path}
    assert {"node.yml", "smartmon.yml", "fleet.yml", "health.yml"} <= names and "redis.yml" not in names


def test_two_monitoring_hosts_are_replicas_and_a_cluster() -> None:
    peers = [{"host": "ops-1", "address": "192.0.2.1"}, {"host": "ops-2", "address": "2001:db8::2"}]
    decided = decide(peers=peers, external_labels={"site": "a"})
    config = document(decided, "prometheus.yml")
    assert config["global"]["external_labels"] == {"site": "a", "replica": "ops-1"}
    assert config["alerting"]["alert_relabel_configs"] == [{"regex": "replica", "action": "labeldrop"}]
    assert config["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"] == ["127.0.0.1:9093", "[2001:db8::2]:9093"]
    text = decided["files"]["/etc/systemd/system/prometheus-alertmanager.service.d/10-groundwork.conf"]["content"]
    assert "--cluster.advertise-address=192.0.2.1:9094" in text
    assert "--cluster.peer=[2001:db8::2]:9094" in text and "--cluster.tls-config=" in text
    cluster = document(decided, "alertmanager-cluster.yml")
    assert cluster["tls_server_config"]["client_auth_type"] == "RequireAndVerifyClientCert" and cluster["tls_client_config"]["key_file"]
    assert decided["checks"]["every_target_is_scraped"]["prometheus"]["series"] == 4


def test_what_is_written_far_away_is_secret_and_its_address_checked() -> None:
    decided = decide(remote_write=[{"url": "https://far.example/push", "basic_auth": {"username": "1", "password": "p"}}])
    assert decided["files"][f"{plan.DIRECTORY}/prometheus.yml"]["mode"] == "0640"
    assert document(decided, "prometheus.yml")["remote_write"][0]["basic_auth"]["password"] == "p"
    with pytest.raises(BadInput, match=r"monitoring_remote_write\[0\].url is \(hidden\)"):
        decide(remote_write=[{"url": "far.example"}])


def test_jobs_of_ones_own_stand_beside() -> None:
    own = {"job_name": "snmp_devices", "static_configs": [{"targets": ["192.0.2.200"]}]}
    decided = decide(scrape_configs=[own])
    assert document(decided, "prometheus.yml")["scrape_configs"][-1] == own
    assert "secret" not in decided["files"][f"{plan.DIRECTORY}/prometheus.yml"]
    private = decide(scrape_configs=[{**own, "basic_auth": {"password": "p"}}])
    assert private["files"][f"{plan.DIRECTORY}/prometheus.yml"]["secret"] is True
    with pytest.raises(BadInput, match=r"monitoring_scrape_configs\[0\]\.job_name is 'fleet'"):
        decide(scrape_configs=[{**own, "job_name": "fleet"}])


def test_exporters_that_ask_for_a_password_get_it_from_a_credential() -> None:
    decided = decide(basic_auth={"username": "prometheus", "password": "correct horse"})
    fleet = document(decided, "prometheus.yml")["scrape_configs"][2]
    assert fleet["basic_auth"]["password_file"] == "/run/credentials/prometheus.service/scrape-password"
    assert decided["files"][plan.PASSWORD] == {"content": "correct horse", "secret": True, "mode": "0400"}
    assert "correct horse" not in str({path: entry for path, entry in decided["files"].items() if path != plan.PASSWORD})
    with pytest.raises(BadInput, match=r"monitoring_basic_auth\.password"):
        decide(basic_auth={"username": "prometheus"})


def test_probes_are_made_by_the_exporter_beside() -> None:
    probe = {"module": "web", "target": "https://shop.example/", "labels": {"probe": "shop", "service": "shop"}}
    job = document(decide(probes=[probe]), "prometheus.yml")["scrape_configs"][-1]
    assert job["metrics_path"] == "/probe" and job["relabel_configs"][-1]["replacement"] == "127.0.0.1:9115"
    assert job["static_configs"][0]["labels"]["__param_module"] == "web"


def test_objectives_become_a_file_of_rules() -> None:
    decided = decide(slos=[{"service": "shop", "objective": 99.9}])
    groups = document(decided, "rules/slo-objectives.yml")["groups"]
    assert groups[0]["name"] == "slo shop"


def test_one_sees_which_configuration_is_in_effect() -> None:
    def mark(**given: Any) -> Any:
        decided = decide(**given)
        found = document(decided, "rules/configuration.yml")["groups"][0]["rules"][0]["labels"]["digest"]
        assert decided["effect"]["configuration_is_read"]["http"]["contains"] == found
        return found

    assert mark() == mark() != mark(remote_write=[{"url": "https://far.example/"}])
    checks = decide()["effect"]
    assert checks["configuration_is_in_effect"]["requires"] == ["configuration_is_read"]
    assert checks["receivers_are_in_effect"]["http"]["url"] == "https://127.0.0.1:9093/metrics"
