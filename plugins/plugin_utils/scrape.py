# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Prometheus has to scrape, from the inventory variables of all hosts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils.layers import kind_of, merge_layers
from ansible_collections.groundwork.fleet.plugins.plugin_utils.services import declared_services, facet

Target = dict[str, Any]


def address_of(host: str, variables: Mapping[str, Any]) -> str:
    """Return under which address other hosts reach `host`."""
    return str(variables.get("fleet_address") or variables.get("ansible_host") or host)


def enabled(value: object, where: str = "exporters_enabled") -> dict[str, dict[str, Any]]:
    """Return name to options of the exporters that are switched on. value: a list of names, or a mapping to options."""
    if value is None:
        return {}
    if isinstance(value, (list, tuple)):
        return {str(name): {} for name in value}
    if not isinstance(value, Mapping):
        raise bad_input(where, value, "a mapping of name to options", "It is %s: write {node: {}}." % kind_of(value))
    found = {}
    for name in value:
        options = value[name]
        if options is False or (isinstance(options, Mapping) and options.get("state") == "absent"):
            continue
        found[str(name)] = dict(options) if isinstance(options, Mapping) else {}
    return found


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
    if variables.get("exporters_state") == "absent":
        return []
    wanted: list[tuple[str, Mapping[str, Any], str | None]] = []
    own = variables.get("exporters_enabled")
    switched_on = enabled(default if own is None else own, "exporters_enabled of %s" % host)
    wanted.extend((name, options, None) for name, options in switched_on.items())
    for item in facet(declared_services(variables, services), "metrics"):
        wanted.append((str(item.get("exporter") or item["service"]), item, item["service"]))
    targets: dict[int, Target] = {}
    for name, options, service in wanted:
        target = _target(host, name, options, service, exporters)
        target["address"] = address_of(host, variables)
        target["labels"]["environment"] = str(variables.get("fleet_environment") or "production")
        known = targets.setdefault(target["port"], target)
        if known["exporter"] != name:
            where = "port of the exporter %s on %s" % (name, host)
            remedy = "The exporter %r has it too: give one of them another port." % known["exporter"]
            raise bad_input(where, target["port"], "a port that no other exporter of the host has", remedy)
        targets[target["port"]] = merge_layers([known, target])
    return list(targets.values())


def _target(host: str, name: str, options: Mapping[str, Any], service: str | None, exporters: Mapping[str, Any]) -> Target:
    """Return one target without its address. A service that has metrics itself needs no exporter, only a port."""
    where = "fleet_services.%s.metrics of %s" % (service, host) if service else "exporters_enabled of %s" % host
    port = options.get("port")
    if name in exporters:
        port = port or exporters[name].get("port")
    elif service is None or "exporter" in options:
        raise unknown_name("exporter", where, name, exporters)
    if isinstance(port, bool) or not str(port).isdecimal() or not 1 <= int(str(port)) <= 65535:
        raise bad_input("%s: port of %s" % (where, name), port, "a port from 1 to 65535", "Set port.")
    labels = {str(key): str(value) for key, value in (options.get("labels") or {}).items()}
    if service is not None:
        labels["service"] = service
    target = {"exporter": name, "host": host, "port": int(str(port)), "labels": labels}
    if options.get("path"):
        target["path"] = str(options["path"])
    return target
