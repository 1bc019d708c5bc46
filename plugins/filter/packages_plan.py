# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role packages does on a host beside packages and repositories."""

from __future__ import annotations

DOCUMENTATION = r"""
name: packages_plan
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: What the role packages puts on a host beside packages and repositories
description:
  - Makes the program C(groundwork-patch-status) with its timer, the window of automatic upgrades, the configuration of needrestart, the
    proxy and the mirror.
  - It belongs to the role C(packages).
extends_documentation_fragment:
  - groundwork.fleet.inputs.settings
positional: _input, codename
options:
  codename:
    description: The name of the host's release, such as C(bookworm).
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show which files the role would write
  ansible.builtin.debug:
    msg: "{{ (lookup('groundwork.fleet.settings', 'packages') | groundwork.fleet.packages_plan('bookworm')).files | list }}"
"""

RETURN = r"""
_value:
  description: >-
    C(files), C(mirror) (files of an owner of its own), C(units), C(gone) (units to stop before their files go) and C(present) (packages);
    C(removal) has the C(files) and C(units) of a host without the role.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import packages_plan as plan
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing
from ansible_collections.groundwork.fleet.plugins.plugin_utils.health_program import plain_program


@refusing
def packages_plan(settings: Any, codename: Any) -> dict[str, Any]:
    """Return the plan of a host."""
    return plan.packages_plan(settings, plain_program("patch_program"), str(codename))


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"packages_plan": packages_plan}
