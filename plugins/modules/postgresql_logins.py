#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: postgresql_logins
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Let exactly the declared logins into PostgreSQL on behalf of their owners
description:
  - Each login is a member of its owner and acts as it, so what it makes belongs to the owner. Users that take turns (C(generate=login) of a
    secret's reference) can both be let in, so a password is replaced while the application is served.
  - A login that was declared once and is no longer is locked, and its sessions end. Roles that this module did not make are left alone.
  - The server is given SCRAM-SHA-256 verifiers, never a password; an unchanged password is recognised by what the server keeps of it.
  - Statements go to C(psql) by its input, as the account that owns the server. They are not in the journal of changes, since C(undo) has no
    passwords.
options:
  owners:
    description:
      - Owner to C(logins), a text with a login in each line, C(USER:PASSWORD). That is what a reference with
        C(generate=login&users=…&rotation=accepted) stands for.
      - An owner that does not exist is made; nobody can log in as it.
    type: dict
    default: {}
  port:
    description: The port of the server; its socket is where C(psql) looks for it by default.
    type: int
    default: 5432
  account:
    description: The account of the host that the server takes for its superuser.
    type: str
    default: postgres
  state:
    description: V(absent) drops the logins, and the owners that own nothing. A login that owns something is locked.
    type: str
    choices: [present, absent]
    default: present
attributes:
  check_mode:
    description: Predicts the change exactly; without C(psql) on the host, what a new server would get.
    support: full
  diff_mode:
    description: Names the roles and what becomes of them, never a password.
    support: full
"""

EXAMPLES = r"""
- name: Let the application in
  groundwork.fleet.postgresql_logins:
    owners:
      orders: {logins: "secret://production/orders.yml#login?generate=login&users=orders_a,orders_b&rotation=accepted"}
"""

RETURN = r"""
roles:
  description: Role to what becomes of it, in words; those alone that change.
  type: dict
  returned: always
  sample: {orders_b: "may log in, has a new password", orders_a: is locked}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import postgresql_logins


def main() -> None:
    standalone(AnsibleModule, postgresql_logins)


if __name__ == "__main__":
    main()
