# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of the canary line of each host that wrote one in this run."""

from __future__ import annotations

DOCUMENTATION = r"""
name: log_canaries
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: The text of the canary line of each host that wrote one in this run
description:
  - Gives what M(groundwork.fleet.log_arrivals) looks for on a log server.
positional: _input, server
options:
  _input:
    description: The variables of all hosts (C(hostvars)).
    type: dict
    required: true
  server:
    description:
      - Only hosts whose line this log server has to have. A host that sends to the first server that answers is left out by the others.
    type: str
"""

EXAMPLES = r"""
- name: Show it
  ansible.builtin.debug:
    msg: "{{ hostvars | groundwork.fleet.log_canaries }}"
"""

RETURN = r"""
_value:
  description: Host to text.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import topology
from ansible_collections.groundwork.fleet.plugins.plugin_utils.compat import accept_lazy_markers


@accept_lazy_markers
def log_canaries(hosts: Any, server: str | None = None) -> dict[str, str]:
    """The text of the canary line of each host that wrote one in this run."""
    return topology.canaries(hosts, server)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"log_canaries": log_canaries}
