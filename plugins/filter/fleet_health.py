# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the health checks of a fleet found, on the hosts and from outside, as one."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_health
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: The registered health of all hosts, as one
description:
  - Puts together what each host registered, and what the controller found from outside.
  - A host that registered nothing, was unreachable or failed before its checks is in it as such.
extends_documentation_fragment:
  - groundwork.fleet.inputs.hostvars
positional: _input, hosts, variable
options:
  hosts:
    description: The names of the hosts.
    type: list
    elements: str
    required: true
  variable:
    description: >-
      The variable in which each host registered the answer of M(groundwork.fleet.health_check),
      or of M(groundwork.fleet.converge) with a step C(health_check) of the id C(health).
    type: str
    required: true
  outside:
    description: The registered answer of the checks that P(groundwork.fleet.outside_checks#filter) returned.
    type: dict
  first:
    description: The variable in which each host registered the first task of the run. It says why a host could not be reached.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Show the fleet
  groundwork.fleet.health_report:
    results: "{{ hostvars | groundwork.fleet.fleet_health(groups.all, 'looked') }}"
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
_value:
  description: Host name to its answer, as M(groundwork.fleet.health_report) and P(groundwork.fleet.health_summary#filter) take it.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import health_fleet
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing


@refusing
def fleet_health(variables_of: Any, hosts: Any, variable: str, outside: Any = None, first: str = "") -> dict[str, Any]:
    """Return host name to answer."""
    return health_fleet.fleet_results(variables_of, hosts, variable, outside, first)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"fleet_health": fleet_health}
