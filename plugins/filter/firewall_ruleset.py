# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give the ruleset of the firewall."""

from __future__ import annotations

DOCUMENTATION = r"""
name: firewall_ruleset
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: The ruleset of the firewall
description:
  - Turns the settings of the role firewall into the named sets and the ordered rules of nftables, essentials and SSH first.
  - Refuses an unknown source (with the nearest name), a port, protocol, rate or address that is not valid, and rules that leave SSH to
    nobody, close the port of the connection in use or let too few connections through for Ansible.
positional: _input, connection_port
options:
  _input:
    description: The settings of the role, as P(groundwork.fleet.settings#lookup) gives them.
    type: dict
    required: true
  connection_port:
    description: The port of the SSH connection in use, which has to be one of C(ssh_ports). Nothing or 0 where the connection is not SSH.
    type: int
seealso:
  - plugin: groundwork.fleet.firewall_differences
    plugin_type: filter
  - module: groundwork.fleet.firewall_access
"""

EXAMPLES = r"""
- name: Show what would be let in
  ansible.builtin.debug:
    msg: "{{ (lookup('groundwork.fleet.settings', 'firewall') | groundwork.fleet.firewall_ruleset).chains }}"
"""

RETURN = r"""
_value:
  description: The ruleset.
  type: dict
  contains:
    sets:
      description: The named sets, each with C(name), C(type), C(flags), C(elements), C(timeout) and C(size).
      type: list
      elements: dict
    chains:
      description:
        - The base chains, each with C(name) (that of its hook), C(priority), C(policy) and C(rules).
        - A rule has C(match), C(action) and C(comment).
      type: list
      elements: dict
    bans:
      description: Whether there is a table for bans.
      type: bool
    access:
      description: What the rules say of new connections by TCP, as M(groundwork.fleet.firewall_access) takes it.
      type: list
      elements: dict
    reach:
      description: The checks that the host still reaches what it must, as M(groundwork.fleet.health_check) takes them.
      type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import firewall
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing


@refusing
def firewall_ruleset(settings: Any, connection_port: Any = None) -> dict[str, Any]:
    """Return the ruleset."""
    return firewall.ruleset(settings, connection_port)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"firewall_ruleset": firewall_ruleset}
