# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that a host needs to ship its logs."""

from __future__ import annotations

DOCUMENTATION = r"""
name: log_plan
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: All that a host needs to ship its logs
description:
  - Judges what is declared of logs and gives the packages, files, units and checks of the role P(groundwork.fleet.log_shipping#role).
positional: _input, entries, family, machine
options:
  _input:
    description: The settings of the role, with C(state_directory).
    type: dict
    required: true
  entries:
    description: The log outputs of the catalogue.
    type: dict
    required: true
  family:
    description: The family of the host's distribution.
    type: str
    default: Debian
  machine:
    description: The architecture of the host, as its kernel calls it.
    type: str
    default: x86_64
"""

EXAMPLES = r"""
- name: Show the units
  ansible.builtin.debug:
    msg: "{{ (settings | groundwork.fleet.log_plan(lookup('groundwork.fleet.catalogue', 'log_outputs'))).units }}"
"""

RETURN = r"""
_value:
  description:
    - C(packages), C(users), C(releases), C(folders), C(files), C(validate), C(units), C(effect) (checks of the host)
      and C(checks) (of connections) as the steps take them.
    - C(proof), a command that tells whether every output takes lines, empty for none, and C(outputs), the names of the outputs.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_plan as plan
from ansible_collections.groundwork.fleet.plugins.plugin_utils.compat import accept_lazy_markers
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing
from ansible_collections.groundwork.fleet.plugins.plugin_utils.health_program import plain_program


@refusing
@accept_lazy_markers
def log_plan(settings: Any, entries: Any, family: str = "Debian", machine: str = "x86_64") -> dict[str, Any]:
    """Return the plan of a host."""
    return plan.log_plan(settings, entries, plain_program("log_keeper"), family, machine)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"log_plan": log_plan}
