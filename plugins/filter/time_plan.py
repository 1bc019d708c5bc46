# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a host asks for the time, whom it serves, and what tells how well its clock is kept."""

from __future__ import annotations

DOCUMENTATION = r"""
name: time_plan
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Whom a host asks for the time and whom it serves
description:
  - Lays out the sources of chrony, the certificate that it needs for NTS, and the program C(groundwork-time-status) with its timer.
  - It belongs to the role C(time_sync).
extends_documentation_fragment:
  - groundwork.fleet.inputs.settings
positional: _input
"""

EXAMPLES = r"""
- name: Show whom the host would ask
  ansible.builtin.debug:
    msg: "{{ (lookup('groundwork.fleet.settings', 'time_sync') | groundwork.fleet.time_plan).sources }}"
"""

RETURN = r"""
_value:
  description: >-
    C(sources) (lines of chrony's configuration), C(clients) (who may ask), C(orphan), C(tls) (paths that chronyd gets a copy of, in
    C(place)), C(serves_nts), C(trusts), C(status) (files and units of the program) and C(removal) of these.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import time_plan as plan
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing
from ansible_collections.groundwork.fleet.plugins.plugin_utils.health_program import plain_program


@refusing
def time_plan(settings: Any) -> dict[str, Any]:
    """Return the plan of a host."""
    return plan.time_plan(settings, plain_program("time_status"))


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"time_plan": time_plan}
