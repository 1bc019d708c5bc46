# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide what is to be done on a host that is patched, and say it."""

from __future__ import annotations

DOCUMENTATION = r"""
name: patch_plan
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Decide what patching a host means
description:
  - Tells from what M(groundwork.fleet.patch_status) found what there is to do on a host. The playbook C(groundwork.fleet.patch) goes by it.
positional: _input, upgrade, reboot, hooks
options:
  _input:
    description: The answer of M(groundwork.fleet.patch_status).
    type: dict
    required: true
  upgrade:
    description: Which upgrades are installed.
    type: str
    choices: [security, all]
    default: all
  reboot:
    description: When the host is rebooted.
    type: str
    choices: [when_needed, never, always]
    default: when_needed
  hooks:
    description: Lists of commands by the names of their variables. They are only judged.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Say what would be done
  ansible.builtin.debug:
    msg: "{{ (status | groundwork.fleet.patch_plan('security', 'never')).work }}"
"""

RETURN = r"""
_value:
  description: >-
    C(work), what there is to do in words, empty where the host is left alone; C(reboot), whether it is rebooted; C(restarts), the units
    that are restarted because they run what was replaced, as M(groundwork.fleet.units) takes them.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import patch_plan as plan
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing


@refusing
def patch_plan(status: Any, upgrade: Any = "all", reboot: Any = "when_needed", hooks: Any = None) -> dict[str, Any]:
    """Return the plan of a host."""
    return plan.plan(status, upgrade, reboot, hooks)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"patch_plan": patch_plan}
