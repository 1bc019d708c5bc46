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
  - Refuses, by name, an account without a key, a key that is none, a day that is none, an unknown option, state or sudo role.
  - Warns of keys that have expired, which are left out, and of those that expire soon.
positional: _input, sudo_roles, service_accounts
options:
  _input:
    description: Accounts of people, mapping from name to options.
    type: dict
    required: true
  sudo_roles:
    description: The sudo roles that accounts may name, mapping from name to options.
    type: dict
    default: {}
  service_accounts:
    description: Accounts of services, mapping from name to options.
    type: dict
    default: {}
  warn_days:
    description: A key that expires within so many days is warned of.
    type: int
    default: 30
"""

EXAMPLES = r"""
- name: Check the accounts before a host is touched
  ansible.builtin.set_fact:
    accounts: "{{ fleet_admins | groundwork.fleet.checked_accounts(users_sudo_roles) }}"
"""

RETURN = r"""
_value:
  description: The accounts with every option.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible.utils.display import Display
from ansible_collections.groundwork.fleet.plugins.plugin_utils import users
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing


@refusing
def checked_accounts(
    accounts: Any, sudo_roles: Any = None, service_accounts: Any = None, warn_days: int = 30
) -> dict[str, dict[str, Any]]:  # fmt: skip
    """Return the accounts with their defaults. The same warning is shown once, be it of many hosts."""
    found = users.checked(accounts, sudo_roles, service_accounts, warn_days=int(warn_days))
    for sentence in users.warnings(found):
        Display().warning(sentence)
    return found


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"checked_accounts": checked_accounts}
