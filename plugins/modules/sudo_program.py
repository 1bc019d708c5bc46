#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sudo_program
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Let the program sudo start for the members of one group alone
description:
  - Makes the group, makes every account a member that a rule of sudo names (itself or by a group, C(cvtsudoers)), and gives the program
    to that group with the mode 4110, as an override of dpkg so that an update keeps it.
  - A session that is open already is not in the new group; sudo starts for it after the next login. The connection of Ansible is made anew
    by the option O(groundwork.fleet.converge#module:confirm) of M(groundwork.fleet.converge).
  - Accounts of a directory that a rule names by a netgroup, or that this host does not list, have to be made members there.
  - What was before is remembered under C(/var/lib/groundwork/sudo_program); O(state=absent) puts it back. A host without sudo or dpkg is
    left alone.
options:
  owner:
    description: Who asks, usually the role. Every owner has its own memory.
    type: str
    required: true
  sudo_program:
    description: "V({group: NAME}), or nothing, which is the same as O(state=absent)."
    type: dict
    default: {}
  user:
    description: The user of the connection. One to whom sudo gives nothing is refused, unless it is root.
    type: str
    default: ""
  state:
    description: V(absent) gives the program back and takes away the members and the group that this module made.
    type: str
    choices: [present, absent]
    default: present
  change:
    description: The change of the journal to which what is done belongs. Without it this is a change of its own.
    type: str
    default: ""
  run:
    description: Filled in by M(groundwork.fleet.converge), the name of the run.
    type: str
    default: ""
attributes:
  check_mode:
    description: Predicts the change exactly.
    support: full
  diff_mode:
    description: Shows owner, group and mode of the program, the members of the group, and the commands to come.
    support: full
"""

EXAMPLES = r"""
- name: sudo starts for those who have a right
  groundwork.fleet.sudo_program:
    owner: hardening
    sudo_program: {group: sudogrp}
    user: "{{ ansible_user | default('') }}"
"""

RETURN = r"""
change:
  description: The id of the change in the journal under which this can be undone, empty where nothing was done.
  type: str
  returned: always
members:
  description: The accounts that a rule of sudo names.
  type: list
  elements: str
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import sudo_program


def main() -> None:
    standalone(AnsibleModule, sudo_program)


if __name__ == "__main__":
    main()
