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
  - Reads back what the kernel holds and compares its tables, sets, elements, chains and rules with what
    P(groundwork.fleet.firewall_ruleset#filter) gave.
  - How nft writes a rule depends on its version. With a C(reference), what the same nft lists after it loaded the same file into a
    network namespace of its own, every word is compared; without, rules are compared by their comments.
positional: _input, ruleset
options:
  _input:
    description:
      - What M(groundwork.fleet.observe) answered, by name; C(stdout) of each is read. C(rules) and C(bans)
        are C(nft -s list table inet groundwork)
        and the same for C(groundwork_bans).
      - C(reference) is C(nft -s list ruleset) where nothing but the declared file is loaded.
    type: dict
    required: true
  ruleset:
    description: The declared ruleset.
    type: dict
    required: true
seealso:
  - plugin: groundwork.fleet.firewall_ruleset
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Prove that the rules are loaded
  ansible.builtin.assert:
    that: loaded.commands | groundwork.fleet.firewall_differences(ruleset) == []
"""

RETURN = r"""
_value:
  description: One sentence per difference.
  type: list
  elements: str
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import firewall_listing


def firewall_differences(commands: Any, ruleset: Any) -> list[str]:
    """Return one sentence per difference."""
    said = {name: commands.get(name, {}).get("stdout", "") for name in ("rules", "bans", "reference")}
    return firewall_listing.differences(said["rules"] + said["bans"], ruleset, said["reference"])


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"firewall_differences": firewall_differences}
