# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Merge the service declarations of a host."""

from __future__ import annotations

DOCUMENTATION = r"""
name: declared_services
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: The services of a host
description:
  - Merges C(fleet_services), C(fleet_services_group) and C(fleet_services_host), in this order, into the services of a host.
  - A declaration with C(catalogue) has that entry of the catalogue as its lowest layer.
  - Refuses unknown keys, anything but exactly one of C(package), C(release) and C(container), and two services on one port.
positional: _input, catalogue
options:
  _input:
    description: The variables of the host, or the list of the three layers (null where there is none).
    type: raw
    required: true
  catalogue:
    description: The services of the catalogue, name to entry.
    type: dict
seealso:
  - plugin: groundwork.fleet.catalogue
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Show the services of this host
  ansible.builtin.debug:
    msg: >-
      {{ hostvars[inventory_hostname]
         | groundwork.fleet.declared_services(lookup('groundwork.fleet.catalogue', 'services')) }}

# {'orders': {'package': {'name': 'orders'}, 'ports': [{'port': 81}]}}
- name: Merge layers that are given
  ansible.builtin.debug:
    msg: >-
      {{ [{'orders': {'package': {'name': 'orders'}, 'ports': [{'port': 80}]}}, none, {'orders': {'ports': [{'port': 81}]}}]
         | groundwork.fleet.declared_services }}
"""

RETURN = r"""
_value:
  description: Name to declaration, all layers merged.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import services as services_util
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing


@refusing
def declared_services(declared: Any, catalogue: Any = None) -> dict[str, dict[str, Any]]:
    """Return the services that `declared` (variables of a host, or layers) amounts to."""
    return services_util.declared_services(declared, catalogue)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"declared_services": declared_services}
