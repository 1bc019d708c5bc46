# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give the rules of the firewall."""

from __future__ import annotations

DOCUMENTATION = r"""
name: firewall_rules
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: The rules of the firewall
description:
  - Turns the services' ports and the named sources into the ordered list of rules of nftables, essentials and SSH first.
  - Refuses an unknown source (with the nearest name), a port, protocol or address that is not valid, and rules that leave SSH to nobody
    or close the port of the connection in use.
positional: _input, sources
options:
  _input:
    description: The port facets of the services, each with C(service), C(port), C(protocol) and C(from).
    type: list
    elements: dict
    required: true
  sources:
    description: Mapping from a name to its addresses.
    type: dict
    required: true
  extra:
    description: Further rules, with C(name) in place of C(service), and C(action).
    type: list
    elements: dict
    default: []
  ssh_ports:
    description: Ports of SSH.
    type: list
    elements: int
    default: [22]
  ssh_from:
    description: Sources that may reach SSH.
    type: list
    elements: str
    default: [any]
  connection_port:
    description: The port of the SSH connection in use, which has to be one of O(ssh_ports). Nothing or 0 where the connection is not SSH.
    type: int
"""

EXAMPLES = r"""
- name: Show what would be let in
  ansible.builtin.debug:
    msg: "{{ [{'service': 'shop', 'port': 443, 'from': ['web']}] | groundwork.fleet.firewall_rules({'web': ['192.0.2.0/24']}) }}"
"""

RETURN = r"""
_value:
  description: The rules in their order, each with C(match), C(action) and C(comment).
  type: list
  elements: dict
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import firewall


def firewall_rules(
    services: Any, sources: Any, extra: Any = (), ssh_ports: Any = (22,), ssh_from: Any = ("any",), connection_port: Any = None
) -> list[dict[str, str]]:
    """Return the rules of the input chain."""
    try:
        return firewall.rules(services, sources, extra, ssh_ports, ssh_from, connection_port)
    except BadInput as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"firewall_rules": firewall_rules}
