# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: service_checks
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Named health checks from the health facet of services
description:
  - Gives each check of the facet C(health) a name made of its service and its type, and lays further checks over them.
options:
  _input:
    description: The items of the facet C(health), each with C(service).
    type: list
    elements: dict
    required: true
  layers:
    description: Checks by name, laid over those of the services in this order. Null takes a check out. They are positional arguments.
    type: list
    elements: dict
"""

EXAMPLES = r"""
# {'shop http': {'http': {'url': 'http://127.0.0.1/'}}, 'ssh': {'tcp': {'port': 22}}}
- name: Show the checks of a host
  ansible.builtin.debug:
    msg: "{{ health_facet | groundwork.fleet.service_checks({'ssh': {'tcp': {'port': 22}}}) }}"
  vars:
    health_facet: [{service: shop, http: {url: "http://127.0.0.1/"}}]
"""

RETURN = r"""
_value:
  description: The checks by name, as the option C(checks) of M(groundwork.fleet.health_check) takes them.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing
from ansible_collections.groundwork.fleet.plugins.plugin_utils.service_checks import merged_checks


@refusing
def service_checks(services: Any, *layers: Any) -> dict[str, Any]:
    """Return the checks of `services` and `layers` by name."""
    return merged_checks(services, *layers)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"service_checks": service_checks}
