# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Health checks as probes: what the blackbox exporter beside Prometheus looks at, and what Prometheus asks it for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils.blackbox import blackbox
from ansible_collections.groundwork.fleet.plugins.plugin_utils.exporter_entry import PREFIX

EXPORTER = "blackbox"
PORT = 9115
CREDENTIALS = f"/run/credentials/{PREFIX}{EXPORTER}.service"


def probes(checks: Mapping[str, Any], services: Mapping[str, str], tls_directory: str) -> dict[str, Any]:
    """Return `modules` for the exporter and `targets` for Prometheus, each with module, target and labels.

    checks: as `outside_checks` gives them, "HOST / CHECK". services: check to the service that declares it.
    tls_directory: where hosts keep their certificates; the exporter, which is not root, reads them as its credentials.
    What the exporter cannot make is left out, with its reason in `left_out`.
    """
    made = blackbox(checks)
    modules = {name: _with_credentials(module, tls_directory) for name, module in made["modules"].items()}
    targets = []
    for name, target in made["targets"].items():
        host, _slash, check = name.partition(" / ")
        labels = {"probe": name, "probed": host, **({"service": services[name]} if name in services else {})}
        targets.append({**target, "labels": labels if check else {"probe": name}})
    return {"modules": modules, "targets": targets, "left_out": made["left_out"]}


def _with_credentials(value: Any, tls_directory: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _with_credentials(one, tls_directory) for key, one in value.items()}
    if isinstance(value, list):
        return [_with_credentials(one, tls_directory) for one in value]
    return value.replace(f"{tls_directory}/", f"{CREDENTIALS}/") if isinstance(value, str) else value


def scrape_job(targets: list[Mapping[str, Any]], address: str, tls: Mapping[str, str], host: str) -> dict[str, Any]:
    """Return the job that has the exporter at `address` make each probe. host: the name of the prober."""
    groups = [
        {"targets": [one["target"]], "labels": {**one.get("labels", {}), "__param_module": one["module"], "prober": host, "host": host}}
        for one in targets
    ]
    relabel = [
        {"source_labels": ["__address__"], "target_label": "__param_target"},
        {"source_labels": ["__param_target"], "target_label": "instance"},
        {"target_label": "__address__", "replacement": address},
    ]
    job: dict[str, Any] = {"job_name": "probe", "scheme": "https", "metrics_path": "/probe", "tls_config": dict(tls)}
    return {**job, "static_configs": groups, "relabel_configs": relabel}
