# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""List what Prometheus has to scrape."""

from __future__ import annotations

DOCUMENTATION = r"""
name: scrape_targets
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: What Prometheus has to scrape on all hosts
description:
  - Lists the exporters of all hosts and the services that have metrics themselves, from inventory variables only.
    So a run with C(--limit) still knows all hosts.
  - Reads C(exporters_enabled), C(exporters_state), C(fleet_services) and its layers, C(fleet_address) and C(fleet_environment).
extends_documentation_fragment:
  - groundwork.fleet.inputs.exporters
  - groundwork.fleet.inputs.hostvars
  - groundwork.fleet.inputs.services
positional: _input, hosts, services, exporters
options:
  hosts:
    description: The hosts to list, in this order, or C(groups) for all hosts.
    type: raw
    required: true
  default:
    description:
      - What counts as C(exporters_enabled) on a host that does not set it.
      - Without it, the default that the role C(exporters) declares.
    type: raw
"""

EXAMPLES = r"""
- name: Show all targets
  ansible.builtin.debug:
    msg: >-
      {{ hostvars | groundwork.fleet.scrape_targets(
           groups,
           lookup('groundwork.fleet.catalogue', 'services'),
           lookup('groundwork.fleet.catalogue', 'exporters')) }}
"""

RETURN = r"""
_value:
  description: The targets.
  type: list
  elements: dict
  contains:
    exporter:
      description: The exporter, or the service that has metrics itself.
      type: str
    name:
      description: The name of the exporter on its host, which differs where a host runs one exporter twice.
      type: str
    host:
      description: The name of the host in the inventory.
      type: str
    address:
      description: Where Prometheus reaches it.
      type: str
    port:
      description: The port.
      type: int
    path:
      description: The path of the metrics, where it is not C(/metrics).
      type: str
    labels:
      description: Labels of all metrics of the target, C(environment) and for services C(service) among them.
      type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import scrape
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing
from ansible_collections.groundwork.fleet.plugins.plugin_utils.settings import COLLECTION


@refusing
def scrape_targets(variables_of: Any, hosts: Any, services: Any, exporters: Any, default: Any = None) -> list[dict[str, Any]]:
    """Return the targets on `hosts`."""
    if default is None:
        default = scrape.declared_default(COLLECTION)
    return scrape.scrape_targets(variables_of, hosts, services or {}, exporters or {}, default)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"scrape_targets": scrape_targets}
