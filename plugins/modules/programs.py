#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: programs
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Tell which programs a host has
description:
  - Looks for programs in the search path and in the directories of system programs. Changes nothing.
options:
  names:
    description: Names or absolute paths of programs.
    type: list
    elements: str
    required: true
attributes:
  check_mode:
    description: Only reads.
    support: full
  diff_mode:
    description: Changes nothing.
    support: none
"""

EXAMPLES = r"""
- name: See which parts apply
  groundwork.fleet.programs:
    names: [sshd, modprobe]
  register: programs
"""

RETURN = r"""
found:
  description: Name to path of the programs that are there.
  type: dict
  returned: always
missing:
  description: Names of those that are not.
  type: list
  elements: str
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import programs


def main() -> None:
    standalone(AnsibleModule, programs)


if __name__ == "__main__":
    main()
