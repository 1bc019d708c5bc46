#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ssh_access
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Refuse a configuration of sshd that would lock the connecting user out
description:
  - Asks sshd itself (C(sshd -T -C user=...)) what a drop-in that is not in place yet would mean for the user who is connected, and fails
    with the reason where that user could not log in any more. Nothing is changed.
  - Looks at C(PermitRootLogin), at the lists of allowed and denied users and groups, at whether a way to authenticate is left,
    and at whether sshd gives up the port of the connection.
options:
  path:
    description: Where the drop-in will stand.
    type: path
    required: true
  content:
    description: What will stand in it.
    type: str
    required: true
  user:
    description: The user who connects. Where empty, the one who called sudo, and otherwise the one the module runs as.
    type: str
    default: ""
  address:
    description: The address from which the user connects, where it is known.
    type: str
    default: ""
  port:
    description: The port to which the user connects. Nothing is said about a port on which sshd does not listen now, since it is forwarded.
    type: int
    default: 22
  config:
    description: The main configuration of sshd.
    type: path
    default: /etc/ssh/sshd_config
attributes:
  check_mode:
    description: Only reads.
    support: full
  diff_mode:
    description: Changes nothing.
    support: none
"""

EXAMPLES = r"""
- name: Refuse to lock ourselves out
  groundwork.fleet.ssh_access:
    path: /etc/ssh/sshd_config.d/10-groundwork.conf
    content: |
      PermitRootLogin no
    user: "{{ ansible_user | default('') }}"
"""

RETURN = r"""
user:
  description: The user that was looked at.
  type: str
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import ssh_access


def main() -> None:
    standalone(AnsibleModule, ssh_access)


if __name__ == "__main__":
    main()
