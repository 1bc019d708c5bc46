#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: log_arrivals
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Wait on a log server for the canary lines of the fleet
description:
  - Looks at the ends of the files C(HOST/groundwork-canary.log) of a log server until each has the line that its host wrote, and tells how
    long it was on its way. Changes nothing.
  - It is one call for all hosts. It fails where a line does not come, and names its host.
extends_documentation_fragment:
  - groundwork.fleet.attributes.reads
options:
  canaries:
    description: Host to a text that its canary line has, such as an id of the run.
    type: dict
    required: true
  directory:
    description: Where the log server keeps the logs.
    type: path
    default: /var/log/groundwork
  timeout:
    description: How many seconds the lines may take.
    type: int
    default: 30
seealso:
  - plugin: groundwork.fleet.log_canaries
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Write a line on a host
  ansible.builtin.command:
    argv: [logger, --tag, groundwork-canary, run-4711]
  changed_when: false
  delegate_to: web-1

- name: See on the log server that it arrives
  groundwork.fleet.log_arrivals:
    canaries: {web-1: run-4711}
  register: proof

- name: Show how long it took
  ansible.builtin.debug:
    msg: "{{ proof.arrived['web-1'].latency }} s"
"""

RETURN = r"""
arrived:
  description: Host to C(latency), the seconds from when the host wrote the line to when the server took it, by the clocks of both.
  type: dict
  returned: always
missing:
  description: The hosts whose line did not come.
  type: list
  elements: str
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import log_arrivals


def main() -> None:
    standalone(AnsibleModule, log_arrivals)


if __name__ == "__main__":
    main()
