# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the loaded rules of the firewall with the declared ones."""

from __future__ import annotations

DOCUMENTATION = r"""
name: firewall_differences
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Where the loaded firewall differs from the declared one
description:
  - Reads back what the kernel holds and compares its chains, policy and rules with what P(groundwork.fleet.firewall_rules#filter) gave.
positional: _input, expected
options:
  _input:
    description: The output of C(nft -j list table inet groundwork).
    type: str
    required: true
  expected:
    description: The declared rules.
    type: list
    elements: dict
    required: true
seealso:
  - plugin: groundwork.fleet.firewall_rules
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Prove that the rules are loaded
  ansible.builtin.assert:
    that: loaded.stdout | groundwork.fleet.firewall_differences(rules) == []
"""

RETURN = r"""
_value:
  description: One sentence per difference.
  type: list
  elements: str
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import firewall


def firewall_differences(listed: str, expected: Any) -> list[str]:
    """Return one sentence per difference."""
    return firewall.differences(expected, listed)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"firewall_differences": firewall_differences}
