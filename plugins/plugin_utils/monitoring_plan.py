# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the monitoring host runs: Prometheus and Alertmanager, their configuration, units and proofs. Decides, touches nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import yaml
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils import (
    exporter_access,
    grafana_server,
    monitoring_probes,
    monitoring_rules,
    monitoring_slo,
    unit_text,
)
from ansible_collections.groundwork.fleet.plugins.plugin_utils.monitoring_alerting import alertmanager_config, without_secrets
from ansible_collections.groundwork.fleet.plugins.plugin_utils.monitoring_proofs import in_effect, own_address, proofs
from ansible_collections.groundwork.fleet.plugins.plugin_utils.step_list import plain
from ansible_collections.groundwork.fleet.plugins.plugin_utils.topology import is_address

DIRECTORY = "/etc/groundwork/monitoring"
CREDENTIALS = ("ca.crt", "host.crt", "host.key")
PROGRAMS = ("prometheus", "alertmanager")
TARGETS = f"{DIRECTORY}/shared/targets.json"  # Prometheus serves this directory below /user, so others read the targets from there
PASSWORD = f"{DIRECTORY}/scrape-password"
SHOWN = f"{DIRECTORY}/alertmanager-without-secrets.yml"  # what is wrong with it may be quoted
CLUSTER_PORT = 9094
#: What is written by which variables, for who is to mend it.
WRITTEN = {
    "prometheus": "monitoring_scrape_configs, monitoring_remote_write or the times of monitoring_scrape_*",
    "rules": "monitoring_alerts, monitoring_slos or the alerts of your catalogue",
    "alertmanager": "monitoring_receivers, monitoring_routes, monitoring_inhibitions or monitoring_mail",
}
SECRET_KEYS = {"password", "credentials", "bearer_token", "client_secret", "secret_key", "access_key", "headers", "params", "token"}
SECRET = {"secret": True, "mode": "0640", "group": "prometheus"}


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


def peers_of(settings: Mapping[str, Any], host: str) -> list[Mapping[str, Any]]:
    """Return the other monitoring hosts. Raises BadInput."""
    peers = []
    for number, peer in enumerate(settings["peers"]):
        for key in ("host", "address"):
            if not peer.get(key):
                raise bad_input(f"monitoring_peers[{number}].{key}", peer.get(key), "a value", "Write {host: ops-2, address: 192.0.2.2}.")
        if peer["host"] != host:
            peers.append(peer)
    return peers


def place(address: str, port: int) -> str:
    """Return address and port as one text."""
    return f"[{address}]:{port}" if ":" in address and not address.startswith("[") else f"{address}:{port}"


def prometheus_config(settings: Mapping[str, Any], rules: Iterable[str], host: str, unit: str) -> dict[str, Any]:
    """Return prometheus.yml. Raises BadInput."""
    tls, interval, address = client_tls(unit), settings["scrape_interval"], own_address(settings["listen"])
    peers = peers_of(settings, host)
    members = [(host, address), *((str(peer["host"]), str(peer["address"])) for peer in peers)]
    own = [
        {"job_name": name, "scheme": "https", "tls_config": tls, "static_configs": groups}
        for name in PROGRAMS
        for port in [settings[f"{name}_port"]]
        for groups in [[{"targets": [place(at, port)], "labels": {"host": who, "instance": f"{who}:{port}"}} for who, at in members]]
    ]
    # Where the kernel has no watch on the file left for Prometheus, it looks again this often; by default it does every five minutes.
    found = {"files": [TARGETS], "refresh_interval": "15s"}
    fleet: dict[str, Any] = {"job_name": "fleet", "scheme": "https", "tls_config": tls, "file_sd_configs": [found]}
    user = settings["basic_auth"]
    if user:
        fleet["basic_auth"] = {"username": str(user["username"]), "password_file": f"/run/credentials/{unit}/scrape-password"}
    jobs = [*own, fleet]
    if settings["probes"]:
        at = settings["prober"] or address
        jobs.append(monitoring_probes.scrape_job(settings["probes"], place(at, monitoring_probes.PORT), tls, host))
        if user:
            jobs[-1]["basic_auth"] = fleet["basic_auth"]
    jobs += own_jobs(settings["scrape_configs"], jobs)
    managers = [{"targets": [place(at, settings["alertmanager_port"]) for _who, at in members]}]
    alerting: dict[str, Any] = {"alertmanagers": [{"scheme": "https", "tls_config": tls, "static_configs": managers}]}
    labels = {str(key): str(value) for key, value in settings["external_labels"].items()}
    if peers:
        # Both replicas see the same: storages tell them apart by this label, and Alertmanager must not, or every alert would come twice.
        labels.setdefault("replica", host)
        alerting["alert_relabel_configs"] = [{"regex": "replica", "action": "labeldrop"}]
    times: dict[str, Any] = {"scrape_interval": interval, "scrape_timeout": settings["scrape_timeout"], "evaluation_interval": interval}
    return {
        "global": {**times, **({"external_labels": labels} if labels else {})},
        "rule_files": list(rules),
        "alerting": alerting,
        "scrape_configs": jobs,
        **({"remote_write": remote_writes(settings["remote_write"])} if settings["remote_write"] else {}),
    }


def own_jobs(given: Iterable[Mapping[str, Any]], others: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the user's own jobs, in Prometheus' own form. Raises BadInput for a name that is missing or taken."""
    found: list[dict[str, Any]] = []
    taken = {str(job["job_name"]) for job in others}
    for number, job in enumerate(given):
        name = str(job.get("job_name") or "")
        if not name or name in taken:
            where = f"monitoring_scrape_configs[{number}].job_name"
            raise bad_input(where, name, "a name that no other job has", f"Taken are {', '.join(sorted(taken))}.")
        taken.add(name)
        found.append(dict(job))
    return found


def holds_secret(value: Any) -> bool:
    """Tell whether a part of the configuration may hold a secret: the old content of such a file is kept nowhere, so cannot come back."""
    if isinstance(value, Mapping):
        return any(str(key) in SECRET_KEYS or holds_secret(one) for key, one in value.items())
    if isinstance(value, (list, tuple)):
        return any(holds_secret(one) for one in value)
    return "@" in str(value)


def remote_writes(given: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the section remote_write: items in Prometheus' own form, of which `url` is judged here. Raises BadInput."""
    found = []
    for number, one in enumerate(given):
        if not str(one.get("url") or "").startswith(("http://", "https://")):
            where = f"monitoring_remote_write[{number}].url"
            raise bad_input(where, one.get("url"), "an http:// or https:// address", "Write https://….", secret=bool(one.get("url")))
        found.append(dict(one))
    return found


def targets_text(groups: Iterable[Mapping[str, Any]]) -> str:
    """Return the text of the targets, as both kinds of service discovery take it.

    After a reload Prometheus up to 2.54 goes on with the targets of a discovery that has none any more
    (prometheus/prometheus issue 12858): a group without a target has it look.
    """
    return json.dumps([*groups, {"targets": []}], indent=1) + "\n"


def target_files(
    targets: Iterable[Mapping[str, Any]],
    exporters: Mapping[str, Any],
    alerts: Mapping[str, Any],
    runbooks: str,
    different: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """Return path to text of what a Prometheus that is not the fleet's needs. different: `monitoring_alerts`. Raises BadInput."""
    found = {"targets.json": targets_text(target_groups(targets, exporters))}
    names, changes = monitoring_rules.wanted_rules(alerts, exporters, targets), monitoring_rules.checked(different or {}, alerts.values())
    return {**found, **{f"rules/{name}.yml": as_yaml(monitoring_rules.adjusted(alerts[name], changes, runbooks)) for name in names}}


def drop_in(program: str, settings: Mapping[str, Any], tls_directory: str, peers: Iterable[Mapping[str, Any]] = ()) -> str:
    """Return the drop-in that gives the distribution's unit our configuration, its credentials and a sandbox.

    peers: the other monitoring hosts.
    """
    listen, peers = settings["listen"], list(peers)
    argv = [
        f"/usr/bin/{settings['platform']['programs'][program]}",
        f"--config.file={DIRECTORY}/{program}.yml",
        f"--web.config.file={DIRECTORY}/{program}-web.yml",
        f"--web.listen-address={place(listen, settings[f'{program}_port'])}",
    ]
    credentials = {file: f"{tls_directory}/{file}" for file in CREDENTIALS}
    if program == "prometheus":
        argv += ["--storage.tsdb.path=/var/lib/prometheus/metrics2", f"--storage.tsdb.retention.time={settings['retention']}"]
        argv += [f"--web.user-assets={DIRECTORY}/shared"]
        if settings["retention_size"]:
            argv.append(f"--storage.tsdb.retention.size={settings['retention_size']}")
        if settings["basic_auth"]:
            credentials["scrape-password"] = PASSWORD
    else:
        argv.append("--storage.path=/var/lib/prometheus/alertmanager")
        argv.append(f"--cluster.listen-address={place(listen, CLUSTER_PORT) if peers else ''}")
        argv += [f"--cluster.peer={place(str(peer['address']), CLUSTER_PORT)}" for peer in peers]
        others = {peer["host"] for peer in peers}
        own = [str(peer["address"]) for peer in settings["peers"] if peer["host"] not in others]
        if peers and own and is_address(own[0]):  # by itself it only finds a private one
            argv.append(f"--cluster.advertise-address={place(own[0], CLUSTER_PORT)}")
        if peers:
            argv.append(f"--cluster.tls-config={DIRECTORY}/alertmanager-cluster.yml")
    sandbox = {"ReadWritePaths": "/var/lib/prometheus", "PrivateUsers": "no"}
    sections = unit_text.service("", argv, user="prometheus", credentials=credentials, service=sandbox)
    service = {**sections["Service"]}
    start = service.pop("ExecStart")
    # An empty ExecStart= takes the distribution's command away.
    text = unit_text.lay_out({"Service": service})
    return text.replace("[Service]\n", f"[Service]\nExecStart=\nExecStart={start}\n", 1)


def cluster_tls(unit: str) -> dict[str, Any]:
    """Return how Alertmanagers talk to each other: over TLS, each with its certificate."""
    tls = client_tls(unit)
    return {"tls_server_config": web_config(unit)["tls_server_config"], "tls_client_config": tls}


def monitoring_plan(
    settings: Mapping[str, Any],
    exporters: Mapping[str, Any],
    alerts: Mapping[str, Any],
    host: str,
    documents: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return packages, files, validators, units and checks of the monitoring host, as the remote calls take them.

    `effect` has the checks that the configuration is in effect, `checks` those that it does what it is for.

    settings: the role's settings with `platform` and `fleet`. exporters, alerts: the catalogue's. host: the inventory name.
    documents: the dashboards, as `dashboards.documents` gives them.
    """
    grafana = grafana_server.plan(settings, documents or {}, f"{DIRECTORY}/grafana", host)
    platform, tls = settings["platform"], settings["fleet"]["tls_directory"]
    units = {program: platform["units"][program] for program in PROGRAMS}
    peers = peers_of(settings, host)
    objectives = {"slo-objectives": monitoring_slo.rules(settings["slos"])} if settings["slos"] else {}
    changes = monitoring_rules.checked(settings["alerts"], [*alerts.values(), *objectives.values()])
    wanted = {**{name: alerts[name] for name in monitoring_rules.wanted_rules(alerts, exporters, settings["targets"])}, **objectives}
    rules = {
        f"{DIRECTORY}/rules/{name}.yml": as_yaml(monitoring_rules.adjusted(document, changes, settings["runbooks"]))
        for name, document in wanted.items()
    }
    mark = digest(settings, rules, host, units["prometheus"])
    rules[f"{DIRECTORY}/rules/configuration.yml"] = as_yaml(marking(mark))
    groups = target_groups(settings["targets"], exporters)
    config = {program: f"{DIRECTORY}/{program}.yml" for program in PROGRAMS}
    web = {program: f"{DIRECTORY}/{program}-web.yml" for program in PROGRAMS}
    receiving = alertmanager_config(settings["receivers"], settings["routes"], settings["mail"], settings["inhibitions"])
    files: dict[str, Any] = {
        DIRECTORY: {"directory": True, "purge": "*"},
        f"{DIRECTORY}/rules": {"directory": True, "purge": "*"},
        f"{DIRECTORY}/shared": {"directory": True},
        TARGETS: {"content": targets_text(groups)},
        config["prometheus"]: {"content": as_yaml(prometheus_config(settings, rules, host, units["prometheus"]))},
        # A receiver's address may hold a password.
        config["alertmanager"]: {"content": as_yaml(receiving), **SECRET},
        SHOWN: {"content": as_yaml(without_secrets(receiving))},
    }
    if holds_secret([settings["remote_write"], settings["scrape_configs"]]):
        files[config["prometheus"]].update(SECRET)
    if settings["basic_auth"]:
        files[PASSWORD] = {"content": exporter_access.scrape_password(settings["basic_auth"]), "secret": True, "mode": "0400"}
    if peers:
        files[f"{DIRECTORY}/alertmanager-cluster.yml"] = {"content": as_yaml(cluster_tls(units["alertmanager"]))}
    files.update({path: {"content": text} for path, text in rules.items()})
    files.update(grafana["files"])
    planned: dict[str, Any] = {}
    for program in PROGRAMS:
        folder = f"{platform['unit_directory']}/{units[program]}.d"
        extra = f"{folder}/10-groundwork.conf"
        files[web[program]] = {"content": as_yaml(web_config(units[program]))}
        files[folder] = {"directory": True}
        files[extra] = {"content": drop_in(program, settings, tls, peers)}
        reload_on = [config[program], *([f"{DIRECTORY}/rules", *rules] if program == "prometheus" else [])]
        restart_on = [extra, web[program], *(f"{tls}/{file}" for file in CREDENTIALS)]
        restart_on += [PASSWORD] if program == "prometheus" and settings["basic_auth"] else []
        planned[units[program]] = {"state": "started", "enabled": True, "restart_on": restart_on, "reload_on": reload_on}
    return {
        "packages": dict.fromkeys(platform["packages"]),
        "files": files,
        "validate": [
            f"promtool check config --syntax-only {{{config['prometheus']}}} # {WRITTEN['prometheus']}",
            "promtool check rules " + " ".join(f"{{{path}}}" for path in rules) + f" # {WRITTEN['rules']}",
            *(f"amtool check-config {{{path}}} # {WRITTEN['alertmanager']}" for path in (SHOWN, config["alertmanager"])),
        ],
        "grafana_packages": grafana["packages"],
        "gone": grafana["gone"],
        "states": grafana_server.STATES,
        "units": {**planned, **grafana["units"]},
        "effect": in_effect(settings, tls, mark),
        "checks": {**grafana["checks"], **proofs(settings, len(groups) + len(PROGRAMS) * (1 + len(peers)), tls)},
    }


def digest(settings: Mapping[str, Any], rules: Mapping[str, str], host: str, unit: str) -> str:
    """Return a mark of what Prometheus is to read."""
    read = json.dumps([plain(prometheus_config(settings, rules, host, unit)), dict(rules)], sort_keys=True)
    return hashlib.sha256(read.encode()).hexdigest()[:16]


def marking(mark: str) -> dict[str, Any]:
    """Return rules by which one sees which configuration is in effect."""
    rule = {"record": "groundwork_configuration_info", "expr": "vector(1)", "labels": {"digest": mark}}
    return {"groups": [{"name": "configuration", "interval": "5m", "rules": [rule]}]}
