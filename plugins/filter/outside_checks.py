# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that the controller makes of the services of a fleet."""

from __future__ import annotations

DOCUMENTATION = r"""
name: outside_checks
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Health checks that the controller makes, from outside of the hosts
description:
  - Lists the checks of the facets C(health) of all services of all hosts that say C(from) V(outside), from inventory variables only.
    The hosts themselves leave those out.
  - With O(every) those too that the hosts make themselves and whose target can be reached from outside, that is, is not the loopback.
extends_documentation_fragment:
  - groundwork.fleet.inputs.hostvars
  - groundwork.fleet.inputs.services
positional: _input, hosts, services
options:
  hosts:
    description: The names of the hosts.
    type: list
    elements: str
    required: true
  every:
    description: Whether all that can be seen from outside is wanted.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Look at the fleet as its users do
  groundwork.fleet.health_check:
    checks: "{{ hostvars | groundwork.fleet.outside_checks(groups.all, lookup('groundwork.fleet.catalogue', 'services'), every=true) }}"
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
_value:
  description: The checks, each named C(HOST / CHECK).
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import health_fleet
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing


@refusing
def outside_checks(variables_of: Any, hosts: Any, services: Any, every: bool = False) -> dict[str, Any]:
    """Return the checks that the controller makes."""
    return health_fleet.outside_checks(variables_of, hosts, services or {}, every)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"outside_checks": outside_checks}
