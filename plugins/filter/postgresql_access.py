# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of pg_hba.conf."""

from __future__ import annotations

DOCUMENTATION = r"""
name: postgresql_access
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: The lines of pg_hba.conf
description:
  - Turns rules into the lines of C(pg_hba.conf), in their order, with what the host itself needs around them.
  - Refuses types, methods and addresses that do not exist or let somebody in without proof, with the number of the rule.
positional: _input, members, user
options:
  _input:
    description:
      - "The rules: mappings of C(type) (by default V(hostssl)), C(database), C(user) (a name or a list, by default V(all)), C(address),
        C(method) (by default V(scram-sha-256)) and C(options)."
    type: list
    elements: dict
    required: true
  members:
    description: The hosts of the replication, name to address.
    type: dict
    default: {}
  user:
    description: The role by which they replicate.
    type: str
    default: replicator
  ssl:
    description: Whether the server talks TLS, so that they have to.
    type: bool
    default: true
"""

EXAMPLES = r"""
# [..., 'hostssl orders orders 192.0.2.0/24 scram-sha-256', ...]
- name: Show who may log in
  ansible.builtin.debug:
    msg: "{{ [{'database': 'orders', 'user': 'orders', 'address': '192.0.2.0/24'}] | groundwork.fleet.postgresql_access }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import postgresql_settings
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing


@refusing
def postgresql_access(
    rules: Sequence[Mapping[str, Any]], members: Mapping[str, Any] | None = None, user: str = "replicator", ssl: bool = True
) -> list[str]:
    """Return the lines."""
    return postgresql_settings.access(rules, members or {}, user, ssl)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"postgresql_access": postgresql_access}
