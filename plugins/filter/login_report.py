# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lay out who can log in where."""

from __future__ import annotations

DOCUMENTATION = r"""
name: login_report
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Who can log in where, as text, CSV or JSON
description:
  - Lays out what M(groundwork.fleet.logins) answered on many hosts. A table and CSV have a line for each way in, JSON has everything.
positional: _input, kind
options:
  _input:
    description: Host to RV(groundwork.fleet.logins#module:accounts).
    type: dict
    required: true
  kind:
    description: The form of the report.
    type: str
    choices: [table, csv, json]
    default: table
"""

EXAMPLES = r"""
- name: Show who can log in to this host
  ansible.builtin.debug:
    msg: "{{ ({inventory_hostname: logins.accounts} | groundwork.fleet.login_report).splitlines() }}"
"""

RETURN = r"""
_value:
  description: The report.
  type: str
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import login_report as reports
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing


@refusing
def login_report(hosts: Any, kind: str = "table") -> str:
    """Return the report."""
    return reports.report(hosts, kind)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"login_report": login_report}
