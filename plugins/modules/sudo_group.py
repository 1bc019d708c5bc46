#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sudo_group
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Let only a group run sudo, with everybody in it who has a rule
description:
  - A hole in sudo is then open to those only who may use it anyway. C(/usr/bin/sudo) becomes C(4110) of the group.
  - First the group is made and everybody becomes a member who has a rule, by name, by a group or by an alias, and O(user). Rules that
    mean everybody make everybody a member.
  - A session keeps the groups that it began with. Where the session of the caller has not got the group yet, sudo is left as it is and
    RV(pending) is true; call it again over a new connection (C(reset_connection) of M(ansible.builtin.meta)).
  - An upgrade of sudo gives everybody the right to run it again, until the next call. It is not written down in C(dpkg-statoverride), which
    breaks dpkg where the group is gone.
  - A service that uses sudo has to be restarted before it is in the group.
extends_documentation_fragment:
  - groundwork.fleet.attributes.compared
  - groundwork.fleet.attributes.exact
  - groundwork.fleet.step
  - groundwork.fleet.step.journal
  - groundwork.fleet.step.owned
options:
  group:
    description: The group.
    type: str
    default: sudogrp
  user:
    description: Who has to be in the group in any case.
    type: str
    default: ""
  state:
    description: V(absent) gives sudo back to everybody and takes away the members, and the group, that it added.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Let only those run sudo who have a rule
  groundwork.fleet.sudo_group:
    owner: hardening
    user: "{{ ansible_user }}"
"""

RETURN = r"""
change:
  description: The id of the change in the journal under which this can be undone, empty where nothing was written.
  type: str
  returned: always
pending:
  description: Whether sudo waits for a connection that has the group.
  type: bool
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import sudo_group


def main() -> None:
    standalone(AnsibleModule, sudo_group)


if __name__ == "__main__":
    main()
