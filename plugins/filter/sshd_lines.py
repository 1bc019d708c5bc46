# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write options of sshd as lines."""

from __future__ import annotations

DOCUMENTATION = r"""
name: sshd_lines
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Options of sshd as lines of sshd_config
description:
  - Writes a mapping of options as lines, ordered by name. Booleans become C(yes) and C(no); lists are joined as the option wants it.
  - An option that is null is left out. C(Match) and C(Include) are refused.
positional: _input
options:
  _input:
    description: Mapping from option to value.
    type: dict
    required: true
"""

EXAMPLES = r"""
# ['MaxAuthTries 4', 'PermitRootLogin no']
- name: Show the lines
  ansible.builtin.debug:
    msg: "{{ {'PermitRootLogin': false, 'MaxAuthTries': 4, 'Banner': none} | groundwork.fleet.sshd_lines }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import sshd


def sshd_lines(options: Any) -> list[str]:
    """Return the lines."""
    try:
        return sshd.lines(options)
    except BadInput as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"sshd_lines": sshd_lines}
