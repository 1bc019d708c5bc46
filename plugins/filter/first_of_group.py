# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell a host of which services it runs the hooks that run once per group."""

from __future__ import annotations

DOCUMENTATION = r"""
name: first_of_group
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: The services of which a host is the first to be deployed to
description:
  - Gives the services with a hook of C(once_per=group) of which no earlier host of the run has the same service.
  - A database is migrated by that host, in the first wave that has one, before the others are deployed to.
positional: _input, hosts, host, catalogue
options:
  _input:
    description: The C(hostvars).
    type: dict
    required: true
  hosts:
    description: The hosts of the run in the order of the playbook, C(ansible_play_hosts_all).
    type: list
    elements: str
    required: true
  host:
    description: The host that asks.
    type: str
    required: true
  catalogue:
    description: The service catalogue.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what this host does for the others
  ansible.builtin.debug:
    msg: >-
      {{ hostvars | groundwork.fleet.first_of_group(ansible_play_hosts_all, inventory_hostname,
           lookup('groundwork.fleet.catalogue', 'services')) }}
"""

RETURN = r"""
_value:
  description: Names of services.
  type: list
  elements: str
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import service_hooks
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing
from ansible_collections.groundwork.fleet.plugins.plugin_utils.services import declared_services


@refusing
def first_of_group(hostvars: Mapping[str, Any], hosts: list[str], host: str, catalogue: Mapping[str, Any]) -> list[str]:
    """Return names of services."""
    if not service_hooks.any_declared(hostvars[host], catalogue):  # as on nearly every host, and in every run
        return []
    kept: dict[str, dict[str, Any]] = {}

    def services(name: str) -> dict[str, Any]:
        if name not in kept:
            kept[name] = declared_services(hostvars[name], catalogue)
        return kept[name]

    return service_hooks.of_first_hosts({name: partial(services, name) for name in [*hosts, host]}, hosts, host)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"first_of_group": first_of_group}
