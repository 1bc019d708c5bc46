# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role health does on a host, as the steps of its remote call take it."""

from __future__ import annotations

DOCUMENTATION = r"""
name: health_plan
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: What the role health puts on a host
description:
  - Makes the program C(groundwork-health) for the checks given, its declaration, its timer and its endpoint.
  - It belongs to the role C(health).
positional: _input, settings
options:
  _input:
    description: All checks of the host by name, as the option C(checks) of M(groundwork.fleet.health_check) takes them.
    type: dict
    required: true
  settings:
    description: The settings of the role.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show which files the role would write
  ansible.builtin.debug:
    msg: "{{ ({'ssh': {'tcp': {'port': 22}}} | groundwork.fleet.health_plan(lookup('groundwork.fleet.settings', 'health'))).files | list }}"
"""

RETURN = r"""
_value:
  description: >-
    C(files), C(units), C(gone) (units to stop before their files go) and C(proofs) (checks that prove it); C(removal) has the C(files) and
    C(units) of a host without the role.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import health_plan as plan
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing
from ansible_collections.groundwork.fleet.plugins.plugin_utils.health_program import host_program, types_used


@refusing
def health_plan(checks: Any, settings: Any) -> dict[str, Any]:
    """Return the plan of a host."""
    program = host_program(types_used(checks), interpreter=plan.INTERPRETER, cache=plan.CACHE)
    return {**plan.health_plan(settings, checks, program), "removal": plan.health_removal(settings)}


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"health_plan": health_plan}
