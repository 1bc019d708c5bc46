# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give the items of one facet of the declared services."""

from __future__ import annotations

DOCUMENTATION = r"""
name: facet
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: One facet of the declared services
description:
  - Gives the items of one facet of all services as one list, each with the name of its C(service) added.
  - A facet that is written as one mapping counts as a list of one.
  - Services with C(state=absent) have no facets.
positional: _input, name
options:
  _input:
    description: The services of a host, as P(groundwork.fleet.declared_services#filter) gives them.
    type: dict
    required: true
  name:
    description: The facet.
    type: str
    choices: [ports, health, metrics, logs, backup, alerts, dashboards, slo, certificates]
    required: true
seealso:
  - plugin: groundwork.fleet.declared_services
    plugin_type: filter
"""

EXAMPLES = r"""
# [{'port': 8080, 'from': ['web'], 'service': 'orders'}]
- name: Show which ports the firewall is told of
  ansible.builtin.debug:
    msg: "{{ {'orders': {'ports': {'port': 8080, 'from': ['web']}}} | groundwork.fleet.facet('ports') }}"
"""

RETURN = r"""
_value:
  description: The items, in the order of the services.
  type: list
  elements: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import services as services_util
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing


@refusing
def facet(services: Any, name: str) -> list[dict[str, Any]]:
    """Return the items of the facet `name` of `services`."""
    return services_util.facet(services, name)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"facet": facet}
