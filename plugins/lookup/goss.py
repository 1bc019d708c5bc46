# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Health checks from files of goss."""

from __future__ import annotations

DOCUMENTATION = r"""
name: goss
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Health checks from files of goss
description:
  - Reads goss files of the controller, with those that they include, and gives their resources as health checks.
  - Takes all kinds of resources (C(addr), C(command), C(dns), C(file), C(group), C(http), C(interface), C(kernel-param), C(matching),
    C(mount), C(package), C(port), C(process), C(service), C(user)) and the matchers that have a counterpart among our expectations.
  - What could not be taken is told in one warning, each with its reason. What the file itself skips (C(skip)) is no check.
  - Templates of Go that only name a variable are filled in, with any other the file is refused.
options:
  _terms:
    description: The paths of the files. A relative path is looked for in C(.groundwork/) beside the inventory, beside the inventory,
      then where Ansible looks for files.
    type: list
    elements: str
    required: true
  values:
    description: What the files know as C(.Vars).
    type: dict
    default: {}
  strict:
    description: Whether something that could not be taken is an error.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Run a goss file
  groundwork.fleet.health_check:
    checks: "{{ lookup('groundwork.fleet.goss', 'goss.yaml', values={'port': 8080}) }}"
"""

RETURN = r"""
_value:
  description: The checks by name, C(goss KIND NAME), as the option C(checks) of M(groundwork.fleet.health_check) takes them.
  type: list
  elements: dict
"""

import os
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import goss_file


class LookupModule(LookupBase):
    """The lookup of this file."""

    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        """Return one mapping in a list."""
        self.set_options(var_options=variables, direct=kwargs)
        try:
            paths = [self._path(str(term), variables or {}) for term in terms]
            found = goss_file.merged(paths, self.get_option("values"))
        except BadInput as error:
            raise AnsibleLookupError(str(error)) from error
        if found.left_out:
            told = "could not be taken from %s:\n%s" % (
                ", ".join(map(str, terms)),
                "\n".join("- %s: %s" % item for item in found.left_out.items()),
            )
            if self.get_option("strict"):
                raise AnsibleLookupError(told)
            Display().warning(told)
        return [found.checks]

    def _path(self, term: str, variables: dict[str, Any]) -> str:
        """Return where a file lies. Raises BadInput with the places that were searched."""
        beside = goss_file.beside_inventory(term, variables.get("inventory_dir"))
        there = next((path for path in beside if os.path.isfile(path)), None)
        found = there or self.find_file_in_search_path(variables, "files", term, ignore_missing=True)
        if found or os.path.isabs(os.path.expanduser(term)):
            return str(found or term)
        playbook = str(variables.get("playbook_dir") or self._loader.get_basedir())
        raise goss_file.not_found(term, [*beside, os.path.join(playbook, "files", term), os.path.join(playbook, term)])
