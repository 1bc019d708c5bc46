#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: audit_result
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Keep on the controller what the audit of one host came to
description:
  - Writes C(hosts/HOST.audit.json) into a directory of the controller. M(groundwork.fleet.audit_report) makes the report of the fleet
    from these files, so that a run over thousands of hosts need not hold all results until its end.
  - Runs on the controller only and connects to no host. It writes in check mode too, as an audit changes nothing on hosts in any mode.
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - groundwork.fleet.attributes.controller
  - groundwork.fleet.attributes.no_diff
options:
  directory:
    description: Where the reports of the fleet are. What lacks of it is created, closed to others.
    type: path
    required: true
  results:
    description: How each control ended, as P(groundwork.fleet.control_results#filter) gives it.
    type: list
    elements: dict
    default: []
  problem:
    description: Why the host could not be examined.
    type: str
    default: ""
  properties:
    description: What else to say about the host, name to text.
    type: dict
    default: {}
  mode:
    description: The mode of the file, octal and in quotes. By default nobody else may read what is weak on a host.
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
    description: Changes nothing on the host. The report is written.
seealso:
  - module: groundwork.fleet.audit_report
"""

EXAMPLES = r"""
- name: Keep what was found
  groundwork.fleet.audit_result:
    directory: "{{ inventory_dir }}/.groundwork/audit"
    results: "{{ plan | groundwork.fleet.control_results(observed.checks) }}"
    properties: {system: Debian 12}
"""

RETURN = r"""
score:
  description: How much of what was judged passed, in percent; null where nothing was judged.
  returned: success
  type: int
  sample: 92
counts:
  description: How many controls ended as C(pass), C(fail), C(waived) and C(skipped) (not applicable).
  returned: success
  type: dict
problem:
  description: Why the host could not be examined, empty where it was.
  returned: success
  type: str
path:
  description: The file.
  returned: success
  type: str
"""
