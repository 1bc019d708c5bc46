# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide what the monitoring host runs."""

from __future__ import annotations

DOCUMENTATION = r"""
name: monitoring_plan
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: What the monitoring host runs
description:
  - Gives packages, files, validators, units and checks for Prometheus, Alertmanager and Grafana, in the form in which the
    collection's modules take them.
extends_documentation_fragment:
  - groundwork.fleet.inputs.exporters
positional: _input, exporters, alerts, host, dashboards
options:
  _input:
    description: The settings of the role monitoring.
    type: dict
    required: true
  alerts:
    description: The alerts of the catalogue.
    type: dict
    required: true
  host:
    description: The inventory name of the monitoring host.
    type: str
    required: true
  dashboards:
    description: The dashboards of the catalogue. Those of exporters that run nowhere are left out.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Show the checks
  ansible.builtin.debug:
    msg: "{{ (lookup('groundwork.fleet.settings', 'monitoring') | groundwork.fleet.monitoring_plan(
      lookup('groundwork.fleet.catalogue', 'exporters'), lookup('groundwork.fleet.catalogue', 'alerts'), inventory_hostname)).checks }}"
"""

RETURN = r"""
_value:
  description:
    - The plan, with the keys packages, files, validate, units, effect (checks that the configurations are taken) and checks; those of
      Grafana's package (grafana_packages), the units to stop first (gone) and what they have kept (states).
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import monitoring_plan as plan
from ansible_collections.groundwork.fleet.plugins.plugin_utils.dashboards import documents as documents_of
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing


@refusing
def monitoring_plan(settings: Any, exporters: Any, alerts: Any, host: str, dashboards: Any = None) -> dict[str, Any]:
    """Return the plan for the monitoring host."""
    shown = settings["grafana_state"] == "present"  # without it the caller has read no dashboard
    documents = documents_of(dashboards or {}, exporters, settings["targets"]) if shown else {}
    return plan.monitoring_plan(settings, exporters, alerts, host, documents)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"monitoring_plan": monitoring_plan}
