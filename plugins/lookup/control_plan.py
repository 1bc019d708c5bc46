# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan the hardening of a host from the catalogue's controls."""

from __future__ import annotations

DOCUMENTATION = r"""
name: control_plan
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: The controls that a host gets, the steps that write them and the checks that observe them
description:
  - Reads C(catalogue/controls), overlaid by the user's catalogues, and decides what the role C(hardening) does on the host.
  - What the host lacks is told by M(groundwork.fleet.presence), asked with RV(_value.asks).
options:
  _terms:
    description: The settings of the role C(hardening), as P(groundwork.fleet.settings#lookup) gives them.
    type: list
    elements: dict
    required: true
  missing:
    description: RV(groundwork.fleet.presence#module:missing), what the host lacks. Without it the host is taken to have everything.
    type: dict
"""

EXAMPLES = r"""
- name: Show which controls apply
  ansible.builtin.debug:
    msg: "{{ (lookup('groundwork.fleet.control_plan', lookup('groundwork.fleet.settings', 'hardening'))).controls }}"
"""

RETURN = r"""
_value:
  description: The plan.
  type: list
  elements: dict
  contains:
    asks:
      description: The options for M(groundwork.fleet.presence).
      type: dict
    controls:
      description: The selected controls, each with its texts, whether it C(applies) and C(why_not), whether it is C(written), which
        variable C(overridden) it, its C(waiver), and C(waived_until), the day on which its last waiver expired.
      type: list
    checks:
      description: The health checks of all controls that apply, by name.
      type: dict
    present:
      description: The steps of M(groundwork.fleet.converge) that bring the controls into effect and observe them.
      type: list
    absent:
      description: The steps that take all controls back.
      type: list
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils import catalogue, hardening

READ = (
    "ansible_connection",
    "ansible_facts",
    "ansible_port",
    "ansible_user",
    "group_names",
    "inventory_dir",
    "inventory_hostname",
)


class LookupModule(LookupBase):
    """The lookup of this file."""

    def run(self, terms: list[Any], variables: Mapping[str, Any] | None = None, **kwargs: Any) -> list[dict[str, Any]]:
        """Return one plan in a list."""
        self.set_options(var_options=variables, direct=kwargs)
        known = {name: self._templar.template(variables[name]) for name in READ if variables and name in variables}
        try:
            if len(terms) != 1 or not isinstance(terms[0], Mapping):
                raise bad_input("control_plan: terms", terms, "the settings of the role hardening", "See ansible-doc -t lookup.")
            roots = catalogue.directories(terms[0].get("fleet", {}).get("catalogue_directories"), known.get("inventory_dir"))
            return [hardening.planned(terms[0], known, roots, self.get_option("missing"))]
        except BadInput as error:
            raise AnsibleLookupError(str(error)) from error
