# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up a secret by its reference."""

from __future__ import annotations

DOCUMENTATION = r"""
name: secret
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: The secret that a reference stands for
description:
  - Gives the secret behind C(secret://backend/path#field?option=value). It is fetched on the controller.
  - It is fetched once for a run, however many hosts and tasks ask, and kept in memory by a process of the run.
  - C(?generate=password) and others make a secret that is missing; C(?part=public) gives the public half of a key.
  - Every backend exists under its own name. C(fleet_secret_backends) sets their options, or adds further names.
  - An error names the reference, never a value. The value is masked in all output of the run.
options:
  _terms:
    description: The references.
    type: list
    elements: str
    required: true
  base64:
    description: Give the secret in base64, for one that is not text.
    type: bool
    default: false
notes:
  - In the path, field and options, white space, C(#), C(?) and C(%) are written as C(%20), C(%23), C(%3F) and C(%25).
"""

EXAMPLES = r"""
- name: Made when it is first needed
  ansible.builtin.debug:
    msg: "{{ lookup('groundwork.fleet.secret', 'secret://file/orders/token?generate=token') | length }}"

- name: From the file .groundwork/secrets/orders/db_password beside the inventory
  ansible.builtin.debug:
    msg: "{{ lookup('groundwork.fleet.secret', 'secret://file/orders/db_password') | length }}"

- name: From the field db_password of the encrypted file secrets/orders.yml
  ansible.builtin.debug:
    msg: "{{ lookup('groundwork.fleet.secret', 'secret://ansible_vault/orders.yml#db_password') | length }}"

- name: From the environment variable FLEET_TOKEN, under a name of your own
  ansible.builtin.debug:
    msg: "{{ lookup('groundwork.fleet.secret', 'secret://ci/TOKEN') | length }}"
  vars:
    fleet_secret_backends:
      ci: {backend: env, prefix: FLEET_}
"""

RETURN = r"""
_raw:
  description: The secrets, in the order of the references.
  type: list
  elements: str
"""

import base64
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_values import SecretValues


class LookupModule(LookupBase):
    """The lookup of this file."""

    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[str]:
        """Return the secret of each reference."""
        self.set_options(var_options=variables, direct=kwargs)
        values = SecretValues(self._loader, self._templar, variables or {})
        try:
            asked = [("secret", str(term)) for term in terms]
            if self.get_option("base64"):
                return [base64.b64encode(value).decode() for value in values.values(asked)]
            return values.texts(asked)
        except BadInput as error:
            raise AnsibleLookupError(str(error)) from None
