# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give the sudo drop-ins of accounts."""

from __future__ import annotations

DOCUMENTATION = r"""
name: sudo_files
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: The sudo drop-ins of accounts
description:
  - Gives a set of files for M(groundwork.fleet.files), one drop-in per account; absent for an account without rights.
positional: _input, former
options:
  _input:
    description: The accounts as P(groundwork.fleet.checked_accounts#filter) gives them.
    type: dict
    required: true
  former:
    description: Names of accounts that are not declared any more.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Write the rights
  groundwork.fleet.files:
    files: "{{ accounts | groundwork.fleet.sudo_files }}"
"""

RETURN = r"""
_value:
  description: Path to what should stand there.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import users_sudo
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing


@refusing
def sudo_files(accounts: Any, former: Any = ()) -> dict[str, dict[str, Any]]:
    """Return the set of drop-ins."""
    return users_sudo.sudo_files(accounts, list(former))


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"sudo_files": sudo_files}
