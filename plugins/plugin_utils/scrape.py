# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Prometheus has to scrape, from the inventory variables of all hosts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils.exporter_entry import instances
from ansible_collections.groundwork.fleet.plugins.plugin_utils.layers import kind_of
from ansible_collections.groundwork.fleet.plugins.plugin_utils.services import declared_services, facet
from ansible_collections.groundwork.fleet.plugins.plugin_utils.topology import reached_at

Target = dict[str, Any]


def declared_default(collection: Path) -> object:
    """Return what the role exporters declares as the default of exporters_enabled, None where there is no such role."""
    path = collection / "roles" / "exporters" / "meta" / "argument_specs.yml"
    if not path.is_file():
        return None
    options = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    default: object = options.get("exporters_enabled", {}).get("default")
    return default


def scrape_targets(
    variables_of: Mapping[str, Mapping[str, Any]],
    hosts: Iterable[str] | Mapping[str, Iterable[str]],
    services: Mapping[str, Any],
    exporters: Mapping[str, Any],
    default: object = None,
) -> list[Target]:
    """Return the targets of all `hosts`, in their order.

    variables_of: host to variables. hosts: names, or the groups (the group `all` counts).
    services, exporters: the entries of the catalogue. default: exporters_enabled of a host that does not set it.
    """
    names = hosts["all"] if isinstance(hosts, Mapping) else hosts
    return [target for host in names for target in _of_host(str(host), variables_of[host], exporters, services, default)]


def _of_host(
    host: str, variables: Mapping[str, Any], exporters: Mapping[str, Any], services: Mapping[str, Any], default: object
) -> list[Target]:
    own = variables.get("exporters_enabled")
    enabled = default if own is None else own
    if not isinstance(enabled, Mapping) and enabled is not None:
        where = "exporters_enabled of %s" % host
        raise bad_input(where, enabled, "a mapping of name to options", "It is %s: write {node: {}}." % kind_of(enabled))
    items = facet(declared_services(variables, services), "metrics")
    asked_by = {str(item.get("name") or item.get("exporter") or item["service"]): item for item in items}
    targets: list[Target] = []
    if variables.get("exporters_state") != "absent":
        for one in instances(exporters, enabled or {}, items):
            if one.kind == "collect":  # `node` tells what it found
                continue
            port = one.options.get("port", one.entry["port"])
            options = {"path": one.entry.get("path"), **one.options}
            targets.append(_target(one.exporter, one.name, port, options, asked_by.get(one.name)))
    for name, item in asked_by.items():
        if item.get("exporter") is None:
            targets.append(_target(str(item["service"]), name, item.get("port"), item, item))
    _refuse_one_port(host, targets)
    common = {"host": host, "address": reached_at(host, variables)}
    environment = {"environment": str(variables.get("fleet_environment") or "production")}
    return [{**target, **common, "labels": {**target["labels"], **environment}} for target in targets]


def _target(exporter: str, name: str, port: object, options: Mapping[str, Any], item: Mapping[str, Any] | None) -> Target:
    """Return a target without what all targets of its host have. item: the metrics facet that asked for it."""
    if isinstance(port, bool) or not str(port).isdecimal() or not 1 <= int(str(port)) <= 65535:
        raise bad_input("port of the metrics of %s" % name, port, "a port from 1 to 65535", "Set port.")
    labels = {str(key): str(value) for key, value in (options.get("labels") or {}).items()}
    if item is not None:
        labels["service"] = str(item["service"])
    target: Target = {"exporter": exporter, "name": name, "port": int(str(port)), "labels": labels}
    if options.get("path"):
        target["path"] = str(options["path"])
    return target


def _refuse_one_port(host: str, targets: Iterable[Target]) -> None:
    taken: dict[int, str] = {}
    for target in targets:
        other = taken.setdefault(target["port"], target["name"])
        if other != target["name"]:
            where = "port of the metrics of %s on %s" % (target["name"], host)
            remedy = "%r has it too: give one of them another port." % other
            raise bad_input(where, target["port"], "a port that no other metrics of the host have", remedy)
