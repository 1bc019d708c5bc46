# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role certificates puts on a host."""

from __future__ import annotations

DOCUMENTATION = r"""
name: certificates_plan
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: What the role certificates puts on a host
description:
  - Lays out the files of every certificate, the units that take them in when they change, and the checks that prove them.
  - It belongs to the role C(certificates).
extends_documentation_fragment:
  - groundwork.fleet.inputs.settings
positional: _input, issued, name
options:
  issued:
    description: What M(groundwork.fleet.certificate) answered; empty for the packages and the removal alone.
    type: dict
    required: true
  name:
    description: The inventory name of the host.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show which files the role would write
  ansible.builtin.debug:
    msg: "{{ (settings | groundwork.fleet.certificates_plan(issued, inventory_hostname)).files | list }}"
  vars:
    settings: "{{ lookup('groundwork.fleet.settings', 'certificates') }}"
"""

RETURN = r"""
_value:
  description: >-
    C(files), C(leaves) (files of an owner of its own), C(units), C(timeout) (their seconds), C(gone) (units to stop before their files
    go), C(packages), C(checks) and C(trust) with the C(checks) and the C(former) file of the trust store. C(removal) has the C(files), the
    C(units) and the C(state) of programs that are taken away with the role.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import certificates_plan as plan
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing
from ansible_collections.groundwork.fleet.plugins.plugin_utils.health_program import plain_program


@refusing
def certificates_plan(settings: Any, issued: Any, name: str) -> dict[str, Any]:
    """Return the plan of a host."""
    programs = {module: plain_program(module) for module in ("certificate_status", "acme_renewal")}
    made = plan.certificates_plan(settings, issued, name, programs) if issued else {}
    return {**made, "packages": {} if settings["state"] == "absent" else plan.packages(settings), "removal": plan.removal(settings)}


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"certificates_plan": certificates_plan}
