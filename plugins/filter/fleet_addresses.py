# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses of every host and group."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_addresses
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: The addresses of every host and group
description:
  - Gives the addresses of each host and of each group. They are C(fleet_address) and C(ansible_host) where one of them is numeric,
    and those of the gathered facts otherwise.
  - A host of which no address is known stands under its name, so that P(groundwork.fleet.firewall_ruleset#filter) can refuse it
    where it is used.
extends_documentation_fragment:
  - groundwork.fleet.inputs.groups
positional: _input, groups
options:
  _input:
    description: The variables of all hosts (C(hostvars)).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show it
  ansible.builtin.debug:
    msg: "{{ hostvars | groundwork.fleet.fleet_addresses(groups) }}"
"""

RETURN = r"""
_value:
  description: Name of a host or group to its addresses.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import topology
from ansible_collections.groundwork.fleet.plugins.plugin_utils.compat import accept_lazy_markers


@accept_lazy_markers
def fleet_addresses(hosts: Any, groups: Any) -> dict[str, list[str]]:
    """The addresses of every host and group."""
    return topology.sources(hosts, groups)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"fleet_addresses": fleet_addresses}
