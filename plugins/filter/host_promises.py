# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles of a site promise of a host, as health checks."""

from __future__ import annotations

DOCUMENTATION = r"""
name: host_promises
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: What the roles of a site promise of a host, as health checks
description:
  - Lists checks that what the roles proved once goes on being so, the certificate is valid, the exporters answer, the logs are shipped.
  - A role that is absent promises nothing.
extends_documentation_fragment:
  - groundwork.fleet.inputs.exporters
positional: _input, name, groups, targets, exporters, log_servers
options:
  _input:
    description: The inventory variables of the host, that is C(hostvars[inventory_hostname]).
    type: dict
    required: true
  name:
    description: The name of the host.
    type: str
    required: true
  groups:
    description: The groups that the host is in, that is C(group_names).
    type: list
    elements: str
    required: true
  targets:
    description: What P(groundwork.fleet.scrape_targets#filter) returned.
    type: list
    elements: dict
    required: true
  log_servers:
    description: What P(groundwork.fleet.log_servers#filter) returned.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what the roles promise
  ansible.builtin.debug:
    msg: "{{ hostvars[inventory_hostname] | groundwork.fleet.host_promises(inventory_hostname, group_names, [], {}, []) }}"
"""

RETURN = r"""
_value:
  description: The checks by name, as the option C(checks) of M(groundwork.fleet.health_check) takes them.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import promises


def host_promises(variables: Any, name: str, groups: Any, targets: Any, exporters: Any, log_servers: Any) -> dict[str, Any]:
    """Return the checks by name."""
    return promises.host_promises(name, variables, groups, targets, exporters or {}, log_servers)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"host_promises": host_promises}
