# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell how the controls of a host ended."""

from __future__ import annotations

DOCUMENTATION = r"""
name: control_results
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: How each control of a plan ended
description:
  - Each control ends V(pass), V(fail), V(waived) or V(not applicable), with a reason.
positional: _input
options:
  _input:
    description: The plan, as P(groundwork.fleet.control_plan#lookup) gives it.
    type: dict
    required: true
  checks:
    description: What M(groundwork.fleet.health_check) found, RV(groundwork.fleet.health_check#module:checks).
    type: dict
    required: true
  unproven:
    description: Return a sentence for each control that the role wrote and that is not in effect instead.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show what failed
  ansible.builtin.debug:
    msg: "{{ plan | groundwork.fleet.control_results(audit.checks) | selectattr('status', 'eq', 'fail') }}"
"""

RETURN = r"""
_value:
  description: The selected controls with C(status) and C(reason), or the sentences.
  type: list
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import control_results as decisions


def control_results(plan: Any, checks: Any, unproven: bool = False) -> list[Any]:
    """Return the list."""
    ended = decisions.results(plan, checks)
    return list(decisions.unproven(ended)) if unproven else ended


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"control_results": control_results}
