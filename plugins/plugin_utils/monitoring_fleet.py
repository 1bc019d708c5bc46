# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the monitoring hosts have to know of the whole fleet, from inventory variables only."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils import monitoring_probes
from ansible_collections.groundwork.fleet.plugins.plugin_utils.health_fleet import SEPARATOR
from ansible_collections.groundwork.fleet.plugins.plugin_utils.service_checks import OUTSIDE, from_outside, named_checks
from ansible_collections.groundwork.fleet.plugins.plugin_utils.services import declared_services, facet
from ansible_collections.groundwork.fleet.plugins.plugin_utils.topology import reached_at

DEFAULT_TLS_DIRECTORY = "/etc/groundwork/tls"

Hosts = Mapping[str, Mapping[str, Any]]


def monitoring_fleet(hosts: Hosts, groups: Mapping[str, Iterable[str]], catalogue: Mapping[str, Any], host: str) -> dict[str, Any]:
    """Return `peers`, `prober`, `probes`, `exporters` and `slos` for the monitoring host `host`, as its roles take them.

    hosts: host to variables. catalogue: the services of the catalogue. A host that does no monitoring gets no `exporters`.
    Probes are the health checks that say `from: outside`.
    """
    names = [str(name) for name in groups.get("all", ())]
    monitors = [str(name) for name in groups.get("monitoring", ())]
    services: dict[str, str] = {}
    checks: dict[str, Any] = {}
    slos: dict[str, dict[str, Any]] = {}
    for name in names:
        declared = declared_services(hosts[name], catalogue)
        for item in facet(declared, "slo"):
            _add_objective(slos, item)
        for item in facet(declared, "health"):
            if "gossfile" not in item and from_outside(item):
                ((check, options),) = named_checks([item])
                key = next(key for key in _numbered(f"{name}{SEPARATOR}{check}") if key not in checks)
                checks[key] = {option: value for option, value in options.items() if option != OUTSIDE}
                services[key] = str(item["service"])
    tls = str(hosts[host].get("fleet_tls_directory") or DEFAULT_TLS_DIRECTORY)
    made = monitoring_probes.probes(checks, services, tls)
    asked = {"service": "monitoring", "exporter": monitoring_probes.EXPORTER, "modules": made["modules"]}
    return {
        "peers": [{"host": name, "address": reached_at(name, hosts[name])} for name in monitors],
        "prober": reached_at(host, hosts[host]),
        "probes": made["targets"],
        "exporters": [asked] if host in monitors and made["targets"] else [],
        "slos": list(slos.values()),
    }


def _numbered(name: str) -> Iterator[str]:
    """Yield the name, then with numbers from 2 on, as checks of one name are told apart."""
    yield name
    for number in itertools.count(2):
        yield f"{name} {number}"


def _add_objective(found: dict[str, dict[str, Any]], item: Mapping[str, Any]) -> None:
    name = str(item.get("name") or item["service"])
    if found.setdefault(name, dict(item)) != item:
        where, remedy = f"fleet_services.{item['service']}.slo", "Write it once, in fleet_services, or give the second a `name` of its own."
        raise bad_input(where, dict(item), "the same on all hosts of the service", remedy)
