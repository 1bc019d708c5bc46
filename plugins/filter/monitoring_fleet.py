# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a monitoring host has to know of the whole fleet."""

from __future__ import annotations

DOCUMENTATION = r"""
name: monitoring_fleet
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: What a monitoring host has to know of the whole fleet
description:
  - Gives the monitoring hosts, the health checks that say C(from) V(outside) as probes, and the objectives of all services,
    from inventory variables only.
extends_documentation_fragment:
  - groundwork.fleet.inputs.hostvars
  - groundwork.fleet.inputs.services
positional: _input, groups, services, host
options:
  groups:
    description: The groups of the inventory.
    type: dict
    required: true
  host:
    description: The inventory name of the host that asks.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show the objectives
  ansible.builtin.debug:
    msg: "{{ (hostvars | groundwork.fleet.monitoring_fleet(groups, services, inventory_hostname)).slos }}"
  vars: {services: "{{ lookup('groundwork.fleet.catalogue', 'services') }}"}
"""

RETURN = r"""
_value:
  description: What the roles C(monitoring) and C(exporters) take.
  type: dict
  contains:
    peers:
      description: What C(monitoring_peers) takes.
      type: list
    prober:
      description: What C(monitoring_prober) takes.
      type: str
    probes:
      description: What C(monitoring_probes) takes.
      type: list
    exporters:
      description: What C(exporters_services) of a monitoring host has besides.
      type: list
    slos:
      description: What C(monitoring_slos) takes.
      type: list
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import monitoring_fleet as fleet
from ansible_collections.groundwork.fleet.plugins.plugin_utils.compat import accept_lazy_markers
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing


@refusing
@accept_lazy_markers
def monitoring_fleet(hosts: Any, groups: Any, services: Any, host: str) -> dict[str, Any]:
    """Return what a monitoring host has to know of the whole fleet."""
    return fleet.monitoring_fleet(hosts, groups, services or {}, host)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"monitoring_fleet": monitoring_fleet}
