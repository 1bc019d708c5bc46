# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the fleet's parts on a host have to reach."""

from __future__ import annotations

DOCUMENTATION = r"""
name: outbound_ports
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: What the fleet's parts on a host have to reach
description:
  - Gives the log server of the fleet and, for a monitoring host, the exporters that it scrapes.
extends_documentation_fragment:
  - groundwork.fleet.inputs.groups
positional: _input, name, groups
options:
  _input:
    description: The scrape targets of the fleet.
    type: list
    elements: dict
    required: true
  name:
    description: Name of the host.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show it
  ansible.builtin.debug:
    msg: "{{ [] | groundwork.fleet.outbound_ports(inventory_hostname, groups) }}"
"""

RETURN = r"""
_value:
  description: What C(firewall_outbound_services) takes.
  type: list
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import topology
from ansible_collections.groundwork.fleet.plugins.plugin_utils.compat import accept_lazy_markers


@accept_lazy_markers
def outbound_ports(targets: Any, name: str, groups: Any) -> list[dict[str, Any]]:
    """What the fleet's parts on a host have to reach."""
    return topology.outbound_ports(targets, name, groups)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"outbound_ports": outbound_ports}
