# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which roles will install packages in this run."""

from __future__ import annotations

DOCUMENTATION = r"""
name: package_owners
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Which roles will install packages in this run
description:
  - Takes those roles out that the tags of the run leave out, and those whose C(ROLE_state) on the host is V(absent).
    What is left is what C(packages_others) takes.
positional: _input, variables, run, skipped
options:
  _input:
    description: Names of roles.
    type: list
    elements: str
    required: true
  variables:
    description: The variables of the host, C(hostvars[inventory_hostname]).
    type: dict
    required: true
  run:
    description: The tags that are played, C(ansible_run_tags).
    type: list
    elements: str
    default: [all]
  skipped:
    description: The tags that are left out, C(ansible_skip_tags).
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Show it
  ansible.builtin.debug:
    msg: "{{ ['users', 'services'] | groundwork.fleet.package_owners(hostvars[inventory_hostname], ansible_run_tags, ansible_skip_tags) }}"
"""

RETURN = r"""
_value:
  description: The names that are left, in their order.
  type: list
  elements: str
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import package_owners as owners
from ansible_collections.groundwork.fleet.plugins.plugin_utils.compat import accept_lazy_markers


@accept_lazy_markers
def package_owners(roles: Any, variables: Any, run: Any = ("all",), skipped: Any = ()) -> list[str]:
    """Return the roles whose packages come in one transaction."""
    return owners.package_owners(roles, variables, run, skipped)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"package_owners": package_owners}
