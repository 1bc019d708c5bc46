#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: logins
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Tell who can log in to a host, by which way and with which rights
description:
  - Reads accounts, passwords (whether there is one, never the hash) and key files, and asks sshd (C(sshd -T -C user=...)) and sudo
    (C(sudo -l -U)) for each account that has a way in. Changes nothing.
  - The last login is the newest that the journal, C(lastlog) or C(lastlog2) has; a journal that does not reach back far knows less.
  - Rules of sshd that depend on the address of the client are taken as if they let everybody in.
extends_documentation_fragment:
  - groundwork.fleet.attributes.reads
options:
  all:
    description: Also give the accounts without a way in, with the reason.
    type: bool
    default: false
seealso:
  - plugin: groundwork.fleet.login_report
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Ask who can log in
  groundwork.fleet.logins:
  register: logins

- name: Show it
  ansible.builtin.debug:
    msg: "{{ ({inventory_hostname: logins.accounts} | groundwork.fleet.login_report).splitlines() }}"
"""

RETURN = r"""
accounts:
  description:
    - The accounts, by uid. Each has C(name), C(uid), C(kind) (V(root), V(person), V(system)), C(shell), C(ways) (how one gets in),
      C(barred) (why nobody does), C(keys), C(password) (V(set), V(none), V(empty), V(locked)), C(expires), C(groups), C(sudo) (its rules),
      C(last_login) and C(last_login_from).
    - A key has C(type), C(fingerprint), C(owner) (its comment), C(expires), C(expired), C(options) and C(last_used).
  type: list
  elements: dict
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import logins


def main() -> None:
    standalone(AnsibleModule, logins)


if __name__ == "__main__":
    main()
