# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles of a site promise of a host, as health checks: that what they proved once goes on being so."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import exporter_plan, log_model, log_plan

LEAST_DAYS = 7  # of a certificate; the role certificates issues a new one long before
PATIENCE = {"retries": 1, "delay": 2}
DEFAULT_TLS_DIRECTORY = "/etc/groundwork/tls"
PROMETHEUS_PORT = 9090

#: The checks that the role health adds by itself (`__health_defaults`); which of them a host gets depends on its connection.
DEFAULT_CHECKS = ("journal", "ssh")

Variables = Mapping[str, Any]


def _has(role: str, variables: Variables) -> bool:
    return variables.get(f"{role}_state") != "absent"


def _pair(variables: Variables) -> dict[str, str]:
    folder = str(variables.get("fleet_tls_directory") or DEFAULT_TLS_DIRECTORY)
    return {"ca": f"{folder}/ca.crt", "certificate": f"{folder}/host.crt", "key": f"{folder}/host.key"}


def _page(address: str, port: object, path: str, variables: Variables) -> dict[str, Any]:
    place = exporter_plan.ANY_ADDRESS.get(address, f"[{address}]" if ":" in address else address)
    return {"http": {"url": f"https://{place}:{port}{path}", **_pair(variables)}, **PATIENCE}


def host_promises(
    name: str,
    variables: Variables,
    groups: Collection[str],
    targets: Iterable[Mapping[str, Any]],
    exporters: Collection[str],
    log_servers: Iterable[Mapping[str, Any]],
) -> dict[str, Any]:
    """Return the checks by name.

    name: of the host. variables: its inventory variables. groups: the groups it is in. targets: the scrape targets of the fleet.
    exporters: the names of the catalogue's exporters. log_servers: as the role log_shipping takes them.
    A role that is absent promises nothing.
    """
    checks: dict[str, Any] = {}
    if _has("certificates", variables):
        checks["certificate"] = {"certificate": {**_pair(variables), "name": name, "days": LEAST_DAYS}}
    address = variables.get("fleet_address") or variables.get("ansible_host") or name
    listen = exporter_plan.listen_on(str(variables.get("exporters_listen") or ""), address, variables.get("ansible_facts") or {})
    for target in targets:
        if target["host"] == name and target["exporter"] in exporters:
            check = _page(listen, target["port"], str(target.get("path") or "/metrics"), variables)
            if variables.get("exporters_basic_auth"):
                check["http"]["header_file"] = exporter_plan.AUTHORIZATION
            checks[f"exporter {target['name']}"] = check
    servers = list(log_servers) if _has("log_shipping", variables) else []
    if servers:
        checks["log shipping"] = {"systemd_unit": {"name": f"{log_plan.COLLECTOR}.service"}}
    together = log_model.is_one_output(variables.get("fleet_logs"))
    for some in [servers] if together and servers else [[server] for server in servers]:
        name_of = " or ".join(str(server["name"]) for server in some)
        checks[f"logs to {name_of}"] = {"connection": log_model.connection(some), "retries": 5, "delay": 1}
    if "monitoring" in groups and _has("monitoring", variables):
        port = variables.get("monitoring_prometheus_port") or PROMETHEUS_PORT
        checks["prometheus"] = _page(str(variables.get("monitoring_listen") or ""), port, "/-/ready", variables)
    return checks


def textfile_directory(name: str, variables: Variables, targets: Iterable[Mapping[str, Any]]) -> str:
    """Return where the node exporter of a host reads its textfiles, empty where the host has none."""
    if not any(target["host"] == name and target["exporter"] == "node" for target in targets):
        return ""
    options = (variables.get("exporters_enabled") or {}).get("node") or {}
    return str(options.get("textfile_directory") or exporter_plan.TEXTFILES)
