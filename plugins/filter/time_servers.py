# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The time servers of the fleet as the role time_sync takes them."""

from __future__ import annotations

DOCUMENTATION = r"""
name: time_servers
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: The time servers of the fleet as the role time_sync takes them
description:
  - Gives the address of each time server but the host itself.
positional: _input, hosts, name
options:
  _input:
    description: Names of the time servers.
    type: list
    elements: str
    required: true
  hosts:
    description: The variables of all hosts (C(hostvars)).
    type: dict
    required: true
  name:
    description: The host that asks.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show them
  ansible.builtin.debug:
    msg: "{{ groups.time_servers | groundwork.fleet.time_servers(hostvars, inventory_hostname) }}"
"""

RETURN = r"""
_value:
  description: What C(time_sync_fleet_servers) takes.
  type: list
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import topology
from ansible_collections.groundwork.fleet.plugins.plugin_utils.compat import accept_lazy_markers


@accept_lazy_markers
def time_servers(names: Any, hosts: Any, name: Any) -> list[dict[str, Any]]:
    """Return the time servers that a host asks."""
    return topology.time_servers(names, hosts, str(name))


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"time_servers": time_servers}
