# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The units of a log server, what they read, and what shows that it receives."""

from __future__ import annotations

DOCUMENTATION = r"""
name: log_server_plan
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: The units of a log server
description:
  - Lays out the receiver, the guard of its disk, C(groundwork-logs) with its timers, and the checks that show that it receives.
  - It belongs to the role C(log_server).
extends_documentation_fragment:
  - groundwork.fleet.inputs.settings
positional: _input
"""

EXAMPLES = r"""
- name: Show the units
  ansible.builtin.debug:
    msg: "{{ (lookup('groundwork.fleet.settings', 'log_server') | groundwork.fleet.log_server_plan).units }}"
"""

RETURN = r"""
_value:
  description: >-
    C(files), C(folders), C(validate) (commands that judge files), C(units), C(checks), C(tls) (paths of what the receiver reads),
    C(spool), C(segments) (folders for what waits), C(gone) (units to stop before their files go) and C(removal).
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_server_plan as plan
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing
from ansible_collections.groundwork.fleet.plugins.plugin_utils.health_program import plain_program


@refusing
def log_server_plan(settings: Any) -> dict[str, Any]:
    """Return the plan of a log server."""
    return plan.log_server_plan(settings, plain_program("logs_program"), plain_program("log_keeper"))


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"log_server_plan": log_server_plan}
