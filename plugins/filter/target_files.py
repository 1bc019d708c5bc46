# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Targets and rules as files for any Prometheus."""

from __future__ import annotations

DOCUMENTATION = r"""
name: target_files
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Targets and rules as files for any Prometheus
description:
  - Gives the text of C(targets.json), for C(file_sd_configs) or C(http_sd_configs), and of the rules of what runs somewhere.
extends_documentation_fragment:
  - groundwork.fleet.inputs.exporters
positional: _input, exporters, alerts, runbooks, different
options:
  _input:
    description: The targets, as P(groundwork.fleet.scrape_targets#filter) gives them.
    type: list
    elements: dict
    required: true
  alerts:
    description: The alerts of the catalogue.
    type: dict
    required: true
  runbooks:
    description: The address that is put before each alert's path of its runbook.
    type: str
    default: ""
  different:
    description: What the site has different about alerts, in the form of C(monitoring_alerts) of the role monitoring.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Show which rules there are
  ansible.builtin.debug:
    msg: "{{ targets | groundwork.fleet.target_files(lookup('groundwork.fleet.catalogue', 'exporters'),
      lookup('groundwork.fleet.catalogue', 'alerts')) | list }}"
"""

RETURN = r"""
_value:
  description: The texts by path, C(targets.json) and C(rules/NAME.yml).
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import monitoring_plan as plan
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing


@refusing
def target_files(targets: Any, exporters: Any, alerts: Any, runbooks: str = "", different: Any = None) -> dict[str, str]:
    """Return the texts by path."""
    return plan.target_files(targets, exporters, alerts, runbooks, different)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"target_files": target_files}
