# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: settings
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: The settings of a role, defaults filled in
description:
  - Reads C(meta/argument_specs.yml) of a role of this collection, which is the only place where a variable's type and default stand,
    takes the host's variables of these names, fills in the defaults and coerces the types.
  - The keys of the result lack the role's prefix. RV(_raw.platform) holds the values of the role's platform files for this host and
    RV(_raw.fleet) the shared C(fleet_*) settings, without that prefix.
options:
  _terms:
    description: Name of the role.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: The first line of a role's vars/main.yml
  ansible.builtin.debug:
    msg: "{{ (lookup('groundwork.fleet.settings', 'packages')).state }}"
"""

RETURN = r"""
_raw:
  description: One mapping per role.
  type: list
  elements: dict
  contains:
    platform:
      description: What differs between platforms.
      type: dict
    fleet:
      description: The shared settings of all roles.
      type: dict
"""

import re
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import byte_code, settings
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_values import SecretValues
from ansible_collections.groundwork.fleet.plugins.plugin_utils.yaml_files import yaml_loader

#: What Ansible sets about the connection and about the template that is being rendered; it differs within one task.
INCIDENTAL = re.compile(r"^(template_|ansible_(ssh_|pipelining$|shell_type$|managed$))")


class Kept:
    """The settings that were looked up with one set of variables: a task names those of its role a dozen times, and each lookup takes time.

    Ansible makes the variables anew for each host and task, so that another task or host never gets them. Within a task it copies the
    mapping, with the same values in it: one is another's where a value is another object, as in the next turn of a loop.
    """

    def __init__(self) -> None:
        self._variables: Mapping[str, Any] = {}
        self._found: dict[str, dict[str, Any]] = {}

    def of(self, variables: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Return what is kept of these variables; role to settings, to be filled."""
        if variables is not self._variables and not self._fits(variables):
            self._variables, self._found = variables, {}
        return self._found

    def _fits(self, variables: Mapping[str, Any]) -> bool:
        """Tell whether these are the variables that are known, or those and some of a file's own."""
        known = self._variables
        same = all(name in variables and variables[name] is known[name] for name in known if not INCIDENTAL.match(name))
        more = [name for name in variables if name not in known and not INCIDENTAL.match(name)]
        of_a_file = "template_path" in variables and not any(name.startswith((*self._found, "fleet_", "__")) for name in more)
        return bool(known) and same and (not more or of_a_file)


KEPT = Kept()


class LookupModule(LookupBase):
    def run(self, terms: list[str], variables: Mapping[str, Any] | None = None, **kwargs: Any) -> list[dict[str, Any]]:
        byte_code.keep()
        kept = KEPT.of(variables) if variables else {}
        try:
            for role in terms:
                if role not in kept:
                    kept[role] = self._settings(role, dict(variables or {}))
        except BadInput as error:
            raise AnsibleError(str(error)) from error
        return [kept[role] for role in terms]

    def _settings(self, role: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        load_yaml = yaml_loader(self._loader)
        gathered = variables.get("ansible_facts") or {}
        facts = {name: self._templar.template(gathered[name]) for name in settings.PLATFORM_FACTS if name in gathered}
        fleet_spec, spec = settings.fleet_spec(load_yaml), settings.role_spec(role, load_yaml)
        secrets = SecretValues(self._loader, self._templar, variables)
        # References of the declared variables are resolved below, where their place has a name.
        variables = {name: secrets.composed(value) if name in spec else value for name, value in variables.items()}
        known = secrets.variables(variables, but=(*fleet_spec, *spec))
        templar = self._templar.copy_with_new_env(available_variables=known)
        fleet = settings.coerced(fleet_spec, settings.given_values(fleet_spec, variables, templar.template))
        # A default may refer to a shared variable that the inventory leaves out.
        templar = self._templar.copy_with_new_env(available_variables={**known, **fleet})
        given = settings.given_values(spec, variables, templar.template)
        if given.get(f"{role}_state") != "absent":  # what is removed needs no secret any more
            given = {name: secrets.resolved(value, name) for name, value in given.items()}
        result = settings.without_prefix(settings.coerced(spec, given), role)
        result["platform"] = settings.platform_values(role, facts, load_yaml)
        result["fleet"] = settings.without_prefix(fleet, "fleet")
        return result
