# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log servers as the role log_shipping takes them."""

from __future__ import annotations

DOCUMENTATION = r"""
name: log_servers
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: The log servers as the role log_shipping takes them
description:
  - Gives address, port and certificate name of each log server.
positional: _input, hosts
options:
  _input:
    description: Names of the log servers.
    type: list
    elements: str
    required: true
  hosts:
    description: The variables of all hosts (C(hostvars)).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show it
  ansible.builtin.debug:
    msg: "{{ groups.log_servers | groundwork.fleet.log_servers(hostvars) }}"
"""

RETURN = r"""
_value:
  description: What C(log_shipping_servers) takes.
  type: list
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import topology
from ansible_collections.groundwork.fleet.plugins.plugin_utils.compat import accept_lazy_markers


@accept_lazy_markers
def log_servers(names: Any, hosts: Any) -> list[dict[str, Any]]:
    """The log servers as the role log_shipping takes them."""
    return topology.log_servers(names, hosts)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"log_servers": log_servers}
