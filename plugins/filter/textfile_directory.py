# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the metrics of a host's health belong."""

from __future__ import annotations

DOCUMENTATION = r"""
name: textfile_directory
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Where the node exporter of a host reads its textfiles
description:
  - Reads C(exporters_enabled) and the scrape targets of the fleet.
positional: _input, name, targets
options:
  _input:
    description: The inventory variables of the host, that is C(hostvars[inventory_hostname]).
    type: dict
    required: true
  name:
    description: The name of the host.
    type: str
    required: true
  targets:
    description: What P(groundwork.fleet.scrape_targets#filter) returned.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Show it
  ansible.builtin.debug:
    msg: "{{ hostvars[inventory_hostname] | groundwork.fleet.textfile_directory(inventory_hostname, []) }}"
"""

RETURN = r"""
_value:
  description: The directory, empty where the host has no node exporter.
  type: str
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import promises


def textfile_directory(variables: Any, name: str, targets: Any) -> str:
    """Return the directory."""
    return promises.textfile_directory(name, variables, targets)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"textfile_directory": textfile_directory}
