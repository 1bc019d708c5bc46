# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide what the exporters of a host amount to."""

from __future__ import annotations

DOCUMENTATION = r"""
name: exporter_plan
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: What the exporters of a host amount to
description:
  - Gives packages, files, units, checks and targets for the exporters that a host should run, in the form in which the
    collection's modules take them.
positional: _input, settings, facts, found
options:
  _input:
    description: The exporters of the catalogue.
    type: dict
    required: true
  settings:
    description: The settings of the role exporters.
    type: dict
    required: true
  facts:
    description: The facts of the host.
    type: dict
    required: true
  found:
    description: The unit files of exporters that are on the host; the plan takes those away that nobody asks for.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Show the units
  ansible.builtin.debug:
    msg: "{{ (lookup('groundwork.fleet.catalogue', 'exporters')
      | groundwork.fleet.exporter_plan(lookup('groundwork.fleet.settings', 'exporters'), ansible_facts)).units }}"
"""

RETURN = r"""
_value:
  description:
    - The plan, with the keys packages, releases, files, units, gone (units to stop first), checks, undo, targets,
      texts (what collectors leave) and states (directories that exporters keep).
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import exporter_plan as plan
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing


@refusing
def exporter_plan(entries: Any, settings: Any, facts: Any, found: Any = ()) -> dict[str, Any]:
    """Return the plan for a host."""
    host = plan.host_of(settings, facts)
    return plan.exporter_plan(entries, settings["enabled"] or {}, settings["services"] or [], host, found)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"exporter_plan": exporter_plan}
