# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the firewall of a host lets in."""

from __future__ import annotations

DOCUMENTATION = r"""
name: open_ports
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: What the firewall of a host lets in
description:
  - Adds to the ports of the services those of the exporters, of the health endpoint, of the log server and of the time server.
extends_documentation_fragment:
  - groundwork.fleet.inputs.groups
positional: _input, targets, name, groups, endpoint
options:
  _input:
    description: The facet C(ports) of the services of the host.
    type: list
    elements: dict
    required: true
  targets:
    description: The scrape targets of the fleet.
    type: list
    elements: dict
    required: true
  name:
    description: Name of the host.
    type: str
    required: true
  endpoint:
    description: The C(health_endpoint) of the host.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Show it
  ansible.builtin.debug:
    msg: "{{ [] | groundwork.fleet.open_ports([], inventory_hostname, groups) }}"
"""

RETURN = r"""
_value:
  description: What C(firewall_services) takes.
  type: list
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import topology
from ansible_collections.groundwork.fleet.plugins.plugin_utils.compat import accept_lazy_markers


@accept_lazy_markers
def open_ports(services: Any, targets: Any, name: str, groups: Any, endpoint: Any = None) -> list[dict[str, Any]]:
    """What the firewall of a host lets in."""
    return topology.open_ports(services, targets, name, groups, endpoint)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"open_ports": open_ports}
