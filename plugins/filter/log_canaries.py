# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks that find each host's canary line on a log server."""

from __future__ import annotations

DOCUMENTATION = r"""
name: log_canaries
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: The checks that find each host's canary line on a log server
description:
  - Gives a file check for each host that wrote a canary line in this run.
positional: _input, directory
options:
  _input:
    description: The variables of all hosts (C(hostvars)).
    type: dict
    required: true
  directory:
    description: Where the log server keeps the logs.
    type: str
    default: /var/log/groundwork
"""

EXAMPLES = r"""
- name: Show it
  ansible.builtin.debug:
    msg: "{{ hostvars | groundwork.fleet.log_canaries }}"
"""

RETURN = r"""
_value:
  description: Checks as P(groundwork.fleet.health_check#module) takes them.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import topology
from ansible_collections.groundwork.fleet.plugins.plugin_utils.compat import accept_lazy_markers


@accept_lazy_markers
def log_canaries(hosts: Any, directory: str = "/var/log/groundwork") -> dict[str, dict[str, Any]]:
    """The checks that find each host's canary line on a log server."""
    return topology.canaries(hosts, directory)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"log_canaries": log_canaries}
