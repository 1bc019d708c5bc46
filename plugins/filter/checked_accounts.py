# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check declared accounts."""

from __future__ import annotations

DOCUMENTATION = r"""
name: checked_accounts
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Declared accounts, checked, with their defaults
description:
  - Checks the mapping of O(_input) as the role C(users) takes it and fills in the defaults.
  - Refuses, by name, an account without a key, a key that is none, an unknown option or state.
positional: _input
options:
  _input:
    description: Mapping from name to options.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Check the accounts before a host is touched
  ansible.builtin.set_fact:
    accounts: "{{ fleet_admins | groundwork.fleet.checked_accounts }}"
"""

RETURN = r"""
_value:
  description: The accounts with every option.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import users


def checked_accounts(accounts: Any) -> dict[str, dict[str, Any]]:
    """Return the accounts with their defaults."""
    try:
        return users.checked(accounts)
    except BadInput as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"checked_accounts": checked_accounts}
