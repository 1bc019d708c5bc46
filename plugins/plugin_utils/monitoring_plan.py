# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the monitoring host runs: Prometheus and Alertmanager, their configuration, units and proofs. Decides, touches nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import yaml
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import unit_text

DIRECTORY = "/etc/groundwork/monitoring"
CREDENTIALS = ("ca.crt", "host.crt", "host.key")
PROGRAMS = ("prometheus", "alertmanager")
NOBODY = "nobody"  # the receiver of alerts that nobody asked for
ROUTE_KEYS = ("receiver", "matchers")


def plain(value: Any) -> Any:
    """Return `value` as plain Python data, which YAML and JSON can write."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return str(value) if isinstance(value, str) else value


def as_yaml(value: Any) -> str:
    """Return the text of a YAML file."""
    return "# Written by groundwork.fleet.\n" + yaml.safe_dump(plain(value), sort_keys=False, width=1000, allow_unicode=True)


def target_groups(targets: Iterable[Mapping[str, Any]], exporters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the targets as Prometheus reads them from a file.

    A target of an exporter of the catalogue is asked over TLS; another is, unless its `scheme` says otherwise, a service's own page.
    """
    groups = []
    for number, target in enumerate(targets):
        for key in ("exporter", "address", "port", "host"):
            if not target.get(key):
                raise bad_input(f"monitoring_targets[{number}].{key}", target.get(key), "a value", "See the role's README.")
        address, exporter = str(target["address"]), str(target["exporter"])
        labels = {"job": exporter, "host": target["host"], "instance": f"{target['host']}:{target['port']}", **(target.get("labels") or {})}
        if target.get("scheme", "https" if exporter in exporters else "http") == "http":
            labels["__scheme__"] = "http"
        if target.get("path"):
            labels["__metrics_path__"] = target["path"]
        place = f"[{address}]:{target['port']}" if ":" in address else f"{address}:{target['port']}"
        groups.append({"targets": [place], "labels": {str(key): str(value) for key, value in labels.items()}})
    return groups


def client_tls(unit: str) -> dict[str, str]:
    """Return how a unit shows who it is and whom it trusts."""
    place = f"/run/credentials/{unit}"
    return {"ca_file": f"{place}/ca.crt", "cert_file": f"{place}/host.crt", "key_file": f"{place}/host.key"}


def web_config(unit: str) -> dict[str, Any]:
    """Return the configuration of a web interface that answers to client certificates only."""
    tls = client_tls(unit)
    server = {"cert_file": tls["cert_file"], "key_file": tls["key_file"], "client_ca_file": tls["ca_file"]}
    return {"tls_server_config": {**server, "client_auth_type": "RequireAndVerifyClientCert", "min_version": "TLS12"}}


def own_address(listen: str) -> str:
    """Return where the host asks its own pages, as part of a URL."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104
    return everywhere.get(listen, f"[{listen}]" if ":" in listen else listen)


def prometheus_config(settings: Mapping[str, Any], rules: Iterable[str], host: str, unit: str) -> dict[str, Any]:
    """Return prometheus.yml."""
    tls, interval, address = client_tls(unit), settings["scrape_interval"], own_address(settings["listen"])
    manager = {"targets": [f"{address}:{settings['alertmanager_port']}"]}
    own = [
        {"job_name": name, "scheme": "https", "tls_config": tls, "static_configs": [{"targets": [f"{address}:{port}"], "labels": labels}]}
        for name in PROGRAMS
        for port in [settings[f"{name}_port"]]
        for labels in [{"host": host, "instance": f"{host}:{port}"}]
    ]
    fleet = {"job_name": "fleet", "scheme": "https", "tls_config": tls, "file_sd_configs": [{"files": [f"{DIRECTORY}/targets.json"]}]}
    return {
        "global": {"scrape_interval": interval, "scrape_timeout": settings["scrape_timeout"], "evaluation_interval": interval},
        "rule_files": list(rules),
        "alerting": {"alertmanagers": [{"scheme": "https", "tls_config": tls, "static_configs": [manager]}]},
        "scrape_configs": [*own, fleet],
    }


def alertmanager_config(receivers: Mapping[str, Any], routes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return alertmanager.yml: each receiver is a webhook; what no route takes goes to the receiver `default`, or to nobody."""
    found: list[dict[str, Any]] = [{"name": NOBODY}]
    for name, receiver in receivers.items():
        url = receiver.get("webhook") if isinstance(receiver, Mapping) else None
        if not str(url or "").startswith(("http://", "https://")):
            where = f"monitoring_receivers.{name}.webhook"
            raise bad_input(where, url, "an http:// or https:// address", "Write {webhook: https://…}.", secret=bool(url))
        found.append({"name": name, "webhook_configs": [{"url": url, "send_resolved": True}]})
    children: list[dict[str, Any]] = [{"receiver": NOBODY, "matchers": ['alertname="watchdog"']}] if "watchdog" not in receivers else []
    if "watchdog" in receivers:
        children.append({"receiver": "watchdog", "matchers": ['alertname="watchdog"'], "repeat_interval": "5m"})
    for number, route in enumerate(routes):
        for key in route:
            if key not in ROUTE_KEYS:
                raise unknown_name("key of a route", f"monitoring_routes[{number}]", str(key), ROUTE_KEYS)
        if route.get("receiver") not in receivers:
            raise unknown_name("receiver", f"monitoring_routes[{number}].receiver", str(route.get("receiver")), receivers)
        children.append({"receiver": route["receiver"], "matchers": list(route.get("matchers") or [])})
    top = "default" if "default" in receivers else NOBODY
    route = {"receiver": top, "group_by": ["alertname", "host"], "group_wait": "10s", "group_interval": "1m", "repeat_interval": "4h"}
    return {"route": {**route, "routes": children}, "receivers": found}


def with_runbooks(alerts: Mapping[str, Any], base: str) -> dict[str, Any]:
    """Return an alerts entry with the address of the runbooks put before each `runbook_url`."""
    document: dict[str, Any] = plain(alerts)
    for rule in (rule for group in document.get("groups", []) for rule in group["rules"] if base):
        annotations = rule.get("annotations", {})
        if "runbook_url" in annotations:
            annotations["runbook_url"] = f"{base.rstrip('/')}/{annotations['runbook_url']}"
    return document


def drop_in(program: str, settings: Mapping[str, Any], tls_directory: str) -> str:
    """Return the drop-in that gives the distribution's unit our configuration, its credentials and a sandbox."""
    listen = f"[{settings['listen']}]" if ":" in settings["listen"] else settings["listen"]
    argv = [
        f"/usr/bin/{settings['platform']['programs'][program]}",
        f"--config.file={DIRECTORY}/{program}.yml",
        f"--web.config.file={DIRECTORY}/{program}-web.yml",
        f"--web.listen-address={listen}:{settings[f'{program}_port']}",
    ]
    if program == "prometheus":
        argv += ["--storage.tsdb.path=/var/lib/prometheus/metrics2", f"--storage.tsdb.retention.time={settings['retention']}"]
    else:
        argv += ["--storage.path=/var/lib/prometheus/alertmanager", "--cluster.listen-address="]
    sections = unit_text.service(
        "",
        argv,
        user="prometheus",
        credentials={file: f"{tls_directory}/{file}" for file in CREDENTIALS},
        service={"ReadWritePaths": "/var/lib/prometheus", "PrivateUsers": "no"},
    )
    service = {**sections["Service"]}
    start = service.pop("ExecStart")
    # An empty ExecStart= takes the distribution's command away.
    text = unit_text.lay_out({"Service": service})
    return text.replace("[Service]\n", f"[Service]\nExecStart=\nExecStart={start}\n", 1)


def monitoring_plan(settings: Mapping[str, Any], exporters: Mapping[str, Any], alerts: Mapping[str, Any], host: str) -> dict[str, Any]:
    """Return packages, files, validators, units and checks of the monitoring host, as the remote calls take them.

    settings: the role's settings with `platform` and `fleet`. exporters, alerts: the catalogue's. host: the inventory name.
    """
    platform, tls = settings["platform"], settings["fleet"]["tls_directory"]
    units = {program: platform["units"][program] for program in PROGRAMS}
    rules = {f"{DIRECTORY}/rules/{name}.yml": as_yaml(with_runbooks(alerts[name], settings["runbooks"])) for name in sorted(alerts)}
    groups = target_groups(settings["targets"], exporters)
    config = {program: f"{DIRECTORY}/{program}.yml" for program in PROGRAMS}
    web = {program: f"{DIRECTORY}/{program}-web.yml" for program in PROGRAMS}
    files: dict[str, Any] = {
        DIRECTORY: {"directory": True},
        f"{DIRECTORY}/rules": {"directory": True},
        f"{DIRECTORY}/targets.json": {"content": json.dumps(groups, indent=1) + "\n"},
        config["prometheus"]: {"content": as_yaml(prometheus_config(settings, rules, host, units["prometheus"]))},
        # A receiver's address may hold a password.
        config["alertmanager"]: {
            "content": as_yaml(alertmanager_config(settings["receivers"], settings["routes"])),
            "secret": True,
            "mode": "0640",
            "group": "prometheus",
        },
    }
    files.update({path: {"content": text} for path, text in rules.items()})
    planned: dict[str, Any] = {}
    for program in PROGRAMS:
        folder = f"{platform['unit_directory']}/{units[program]}.d"
        extra = f"{folder}/10-groundwork.conf"
        files[web[program]] = {"content": as_yaml(web_config(units[program]))}
        files[folder] = {"directory": True}
        files[extra] = {"content": drop_in(program, settings, tls)}
        reload_on = [config[program], *(rules if program == "prometheus" else [])]
        restart_on = [extra, web[program], *(f"{tls}/{file}" for file in CREDENTIALS)]
        planned[units[program]] = {"state": "started", "enabled": True, "restart_on": restart_on, "reload_on": reload_on}
    return {
        "packages": dict.fromkeys(platform["packages"]),
        "files": files,
        "validate": [
            f"promtool check config --syntax-only {{{config['prometheus']}}}",
            *(f"promtool check rules {{{path}}}" for path in rules),
            f"amtool check-config {{{config['alertmanager']}}}",
        ],
        "units": planned,
        "checks": proofs(settings, len(groups) + len(PROGRAMS), tls),
    }


def proofs(settings: Mapping[str, Any], targets: int, tls: str) -> dict[str, Any]:
    """Return the checks that prove it: every target is scraped, and an alert finds its way to Alertmanager over mutual TLS."""
    address = own_address(settings["listen"])
    pair = {"ca": f"{tls}/ca.crt", "certificate": f"{tls}/host.crt", "key": f"{tls}/host.key"}
    url = f"https://{address}:{settings['prometheus_port']}"
    patience = {"retries": 40, "delay": 2}
    # What was scraped in the last two rounds: a target that is gone does not count any more.
    up = {"query": "last_over_time(up[40s])", "minimum": 1, "series": targets}
    reloaded = {"query": "prometheus_config_last_reload_successful", "minimum": 1, "series": 1}
    manager = f"https://{address}:{settings['alertmanager_port']}/api/v2/alerts"
    return {
        "every_target_is_scraped": {"prometheus": {"url": url, **up, **pair}, **patience},
        "configuration_is_in_effect": {"prometheus": {"url": url, **reloaded, **pair}, **patience},
        "an_alert_reaches_alertmanager": {"http": {"url": manager, "contains": '"alertname":"watchdog"', **pair}, **patience},
    }
