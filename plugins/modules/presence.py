#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: presence
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Tell which programs, paths and units a host has
description:
  - Looks for programs in the search path and in the directories of system programs, for paths, and for the files of units. Changes nothing.
extends_documentation_fragment:
  - groundwork.fleet.attributes.reads
options:
  programs:
    description: Names or absolute paths of programs.
    type: list
    elements: str
    default: []
  paths:
    description: Absolute paths of files or directories. Links are followed.
    type: list
    elements: str
    default: []
  units:
    description: Names of systemd units with their type. One that is masked counts as missing.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: See which parts apply
  groundwork.fleet.presence:
    programs: [sshd, modprobe]
    units: [cron.service]
  register: presence
"""

RETURN = r"""
found:
  description: For each of C(programs), C(paths) and C(units), name to path of what is there.
  type: dict
  returned: always
missing:
  description: For each of C(programs), C(paths) and C(units), the names of what is not.
  type: dict
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import presence


def main() -> None:
    standalone(AnsibleModule, presence)


if __name__ == "__main__":
    main()
