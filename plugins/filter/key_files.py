# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give the authorized_keys files of accounts."""

from __future__ import annotations

DOCUMENTATION = r"""
name: key_files
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: The authorized_keys files of accounts
description:
  - Gives a set of files for M(groundwork.fleet.files) from RV(groundwork.fleet.accounts#module:authorized_keys).
positional: _input, removing
options:
  _input:
    description: Name to C(home), C(group) and C(text) (null for no file).
    type: dict
    required: true
  removing:
    description:
      - Give only the files that should not be there, for M(groundwork.fleet.files) with
        O(groundwork.fleet.files#module:state=absent).
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Write the keys
  groundwork.fleet.files:
    files: "{{ result.authorized_keys | groundwork.fleet.key_files }}"
"""

RETURN = r"""
_value:
  description: Path to what should stand there.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import users
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing


@refusing
def key_files(observed: Any, removing: bool = False) -> dict[str, dict[str, Any]]:
    """Return the set of files."""
    return users.key_files(observed, removing)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"key_files": key_files}
