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
  - Where sshd would work otherwise than now, a second sshd is started on a port of the loopback address with what C(sshd -T) says
    for this user and address, and C(ssh) of the host offers it the user's public keys. It has to accept the key that opened the connection
    of this run (the journal names its fingerprint), or one of the user's keys where that is not known. The trial ends within two minutes
    at the latest.
  - With O(sudoers) and where the run became root by sudo, sudo itself is tried with these drop-ins, in a mount namespace that only the
    trial sees.
  - What cannot be tried (no C(ssh) on the host, keys with C(from), a sudo that asks for a password) is said in a warning and in
    RV(unproven). Nothing before a change can prove all of it, such as a firewall in between, so let
    O(groundwork.fleet.converge#module:confirm) decide in the end.
extends_documentation_fragment:
  - groundwork.fleet.attributes.reads
options:
  path:
    description: Where the drop-in of sshd will stand. Empty leaves sshd out.
    type: path
    default: ""
  content:
    description: What will stand in it.
    type: str
    default: ""
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
  sudoers:
    description: Drop-ins in C(/etc/sudoers.d) as they will be, path to text; null for one that goes.
    type: dict
    default: {}
  what:
    description: The variable that a refusal of sshd names.
    type: str
    default: hardening_sshd
  trial:
    description: Start the second sshd and try sudo. V(false) leaves it at what the configuration says.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Refuse to lock ourselves out
  groundwork.fleet.ssh_access:
    path: /etc/ssh/sshd_config.d/10-groundwork.conf
    content: |
      PermitRootLogin no
    user: "{{ ansible_user | default('') }}"

- name: Refuse to lose sudo
  groundwork.fleet.ssh_access:
    sudoers: {/etc/sudoers.d/50-own: "Defaults requiretty\n"}
"""

RETURN = r"""
user:
  description: The user that was looked at.
  type: str
  returned: always
proven:
  description: What the trials showed, in sentences. Empty where nothing changes.
  type: list
  elements: str
  returned: always
unproven:
  description: What could not be tried, and why.
  type: list
  elements: str
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import ssh_access


def main() -> None:
    standalone(AnsibleModule, ssh_access)


if __name__ == "__main__":
    main()
