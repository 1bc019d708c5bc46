#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: health_report
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Show the health of a fleet and write its report
description:
  - Prints a table that fits the terminal, what failed first, and fails where a check failed.
    So the playbook ends with an exit code for a pipeline.
  - Writes the report in several formats into a folder of the controller. The page is one file that needs no other.
  - Runs on the controller only.
options:
  results:
    description:
      - Host name to the registered answer of M(groundwork.fleet.health_check). A host without an answer has failed.
    type: dict
    required: true
  directory:
    description: Folder of the controller for the report, made where it is missing. Empty for none.
    type: str
    default: ""
  formats:
    description: >-
      What to write, the names of the files in C(plugins/plugin_utils/reports/formats/); C(document) is JSON, C(page) is HTML.
    type: list
    elements: str
    default: [document, junit, tap, nagios, page]
  kind:
    description: What was looked for; the files are named after it, C(health.json) or C(drift.json).
    type: str
    choices: [health, drift]
    default: health
  title:
    description: The title of the report.
    type: str
    default: Health
  every:
    description: Whether the table has a line for every check; otherwise healthy checks are counted by host.
    type: bool
    default: false
  width:
    description: How many columns the table may take, V(0) for those of the terminal.
    type: int
    default: 0
  warnings:
    description: Whether a warning still counts as healthy.
    type: bool
    default: true
  fail:
    description: Whether a failed check fails the task.
    type: bool
    default: true
attributes:
  platform:
    support: full
    description: Runs on the controller.
    platforms: posix
  check_mode:
    support: full
    description: The table is shown, no file is written.
  diff_mode:
    support: none
    description: A report is no change of a host.
  action:
    support: full
    description: Runs on the controller only.
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
seealso:
  - module: groundwork.fleet.health_check
"""

EXAMPLES = r"""
- name: Look at every host
  hosts: all
  gather_facts: false
  tasks:
    - name: Run the checks
      groundwork.fleet.health_check:
        checks: {ssh: {tcp: {port: 22}}}
        fail: false
      register: looked

- name: Show the fleet
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Show what was found and leave it for the pipeline
      groundwork.fleet.health_report:
        results: "{{ dict(groups.all | zip(groups.all | map('extract', hostvars, 'looked'))) }}"
        directory: reports
"""

RETURN = r"""
summary:
  description: What P(groundwork.fleet.health_summary#filter) returns.
  returned: always
  type: dict
failed_hosts:
  description: The hosts on which a check failed, those without an answer among them; with O(warnings=false) those with a warning too.
  returned: always
  type: list
  elements: str
files:
  description: The files that were written.
  returned: always
  type: list
  elements: str
view:
  description: The lines of the table.
  returned: always
  type: list
  elements: str
"""
