# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare what sshd does with what was asked of it."""

from __future__ import annotations

DOCUMENTATION = r"""
name: sshd_differences
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Where sshd's effective settings differ from the declared ones
description:
  - Compares the output of C(sshd -T) with a mapping of options. Durations and synonyms count as equal.
positional: _input, options
options:
  _input:
    description: The output of C(sshd -T).
    type: str
    required: true
  options:
    description: Mapping from option to value; those that are null are not looked at.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Prove that root cannot log in
  ansible.builtin.assert:
    that: "effective.stdout | groundwork.fleet.sshd_differences({'PermitRootLogin': false}) == []"
"""

RETURN = r"""
_value:
  description: One sentence per difference.
  type: list
  elements: str
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import sshd


def sshd_differences(report: str, options: Any) -> list[str]:
    """Return one sentence per difference."""
    try:
        return sshd.differences(options, report)
    except BadInput as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"sshd_differences": sshd_differences}
