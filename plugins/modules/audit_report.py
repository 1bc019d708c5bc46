#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: audit_report
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Write the reports of an audit
description:
  - Makes one report of a fleet from what M(groundwork.fleet.audit_result) kept of each host in the same run.
    Writes it in several formats. A host of which nothing was kept is in the report as one that could not be examined.
  - Runs on the controller only and connects to no host. Run it once, after all hosts. It writes in check mode too.
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - groundwork.fleet.attributes.controller
  - groundwork.fleet.attributes.no_diff
options:
  directory:
    description: Where the reports are written.
    type: path
    required: true
  hosts:
    description: The hosts that the report is about.
    type: list
    elements: str
    required: true
  title:
    description: The heading of the report.
    type: str
    default: Audit
  properties:
    description: What else to say about the run, name to text.
    type: dict
    default: {}
  formats:
    description:
      - What is written. V(page) is C(audit.html), for people; V(document) is C(audit.json), with everything;
        V(junit) is C(audit.junit.xml); V(sarif) is C(audit.sarif), SARIF 2.1.0;
        V(textfile) is C(audit.prom), for the textfile collector of the node exporter.
      - All of them, where it is not set.
    type: list
    elements: str
  fail_below:
    description: Fail where the score of a host is below this, or where a host could not be examined. The reports are written before.
    type: int
  mode:
    description: The mode of the files, octal and in quotes.
    type: str
    default: "0600"
  kind:
    description: What the report is about. It begins the names of the files, V(patch) with C(patch.json) where V(audit) has C(audit.json).
    type: str
    choices: [audit, patch]
    default: audit
attributes:
  check_mode:
    support: full
    description: Changes nothing on hosts. The reports are written.
seealso:
  - module: groundwork.fleet.audit_result
"""

EXAMPLES = r"""
- name: Write the reports
  groundwork.fleet.audit_report:
    directory: "{{ inventory_dir }}/.groundwork/audit"
    hosts: "{{ ansible_play_hosts_all }}"
    title: Audit of production
    fail_below: 90
  run_once: true
"""

RETURN = r"""
score:
  description: How much of what was judged on all hosts passed, in percent; null where nothing was judged.
  returned: success
  type: int
  sample: 92
counts:
  description: How many results ended as C(pass), C(fail), C(waived) and C(skipped) (not applicable).
  returned: success
  type: dict
paths:
  description: The files.
  returned: success
  type: list
  elements: str
table:
  description: The report as lines for a terminal, the worst hosts first.
  returned: success
  type: list
  elements: str
"""
