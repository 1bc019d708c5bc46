# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up entries of the catalogue."""

from __future__ import annotations

DOCUMENTATION = r"""
name: catalogue
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Entries of the catalogue
description:
  - Gives the entries of one kind (a folder of the catalogue) as a mapping of name to entry, or one entry.
  - The collection's own catalogue is overlaid by each directory in C(fleet_catalogue_directories), in this order.
    Entries of one name are merged as P(groundwork.fleet.merge_layers#filter) does.
  - Each entry is one file, its name is the name of the file. Files that end in C(_test.yml) are no entries.
  - Templates in entries stay as they are written, unless O(template_vars) is given.
options:
  _terms:
    description: The kind, and for one entry its name.
    type: list
    elements: str
    required: true
  fleet_catalogue_directories:
    description:
      - The user's own catalogues. A relative path is one beside the inventory.
      - Without it, the folder C(.groundwork/catalogue) beside the inventory, where there is one.
    type: list
    elements: str
    vars:
      - name: fleet_catalogue_directories
  template_vars:
    description: Render the templates in the entries, with the variables of the host and these.
    type: dict
"""

EXAMPLES = r"""
- name: Show all exporters
  ansible.builtin.debug:
    msg: "{{ lookup('groundwork.fleet.catalogue', 'exporters') }}"

- name: Show one, its templates rendered
  ansible.builtin.debug:
    msg: "{{ lookup('groundwork.fleet.catalogue', 'exporters', 'node', template_vars={'listen': '0.0.0.0:9100'}) }}"
"""

RETURN = r"""
_value:
  description: Name to entry; with a name, that entry.
  type: list
  elements: dict
"""

from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils import catalogue, compat
from ansible_collections.groundwork.fleet.plugins.plugin_utils.yaml_files import yaml_loader


class LookupModule(LookupBase):
    """The lookup of this file."""

    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        """Return one mapping in a list."""
        self.set_options(var_options=variables, direct=kwargs)
        try:
            return [self._find([str(term) for term in terms], variables or {})]
        except BadInput as error:
            raise AnsibleLookupError(str(error)) from error

    def _find(self, terms: list[str], variables: dict[str, Any]) -> Any:
        if len(terms) not in (1, 2):
            remedy = "Write lookup('groundwork.fleet.catalogue', 'exporters', 'node')."
            raise bad_input("catalogue: terms", terms, "a kind, and optionally a name", remedy)
        declared = self._templar.template(variables.get("fleet_catalogue_directories"))
        inventory = self._templar.template(variables.get("inventory_dir"))
        roots = catalogue.directories(declared, inventory)
        entries = catalogue.Entries(roots, terms[0], yaml_loader(self._loader, trusted=False))
        found = dict(entries) if len(terms) == 1 else entries.entry(terms[1])
        extra = self.get_option("template_vars")
        if extra is None:
            return found
        templar = self._templar.copy_with_new_env(available_variables={**variables, **extra})
        return templar.template(compat.trust(found))
