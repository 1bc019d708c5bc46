#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: postgresql_objects
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Roles, databases and replication slots of a PostgreSQL server
description:
  - Asks the server once over its socket as C(postgres), and says what is missing. Nothing is passed on a command line.
  - A password is compared with the SCRAM verifier that the server keeps. Only a new verifier is sent, in a session that logs no statement.
  - A database goes only with C(state) V(absent) and C(drop) V(true).
  - What is not declared is not touched, except slots of standbys that are gone.
  - On a standby nothing is written; it has to stream from its primary.
extends_documentation_fragment:
  - groundwork.fleet.attributes.predicted
  - groundwork.fleet.postgresql
options:
  roles:
    description:
      - "The roles, name to C({login, password, member_of, connection_limit, createdb, createrole, replication, bypassrls, state})."
      - A role has the attributes that are declared and no others, and is never a superuser.
    type: dict
    default: {}
  databases:
    description: "The databases, name to C({owner, encoding, locale, extensions, connect, public_connect, state, drop})."
    type: dict
    default: {}
  replication:
    description: "C({role, name, members, user, password}) as in the entry C(postgresql) of the catalogue."
    type: dict
    default: {}
  wait:
    description: Seconds within which a standby has to stream.
    type: int
    default: 60
"""

EXAMPLES = r"""
- name: Have a database and its owner
  groundwork.fleet.postgresql_objects:
    version: "17"
    roles:
      orders: {login: true, password: "secret://file/orders/db_password"}
    databases:
      orders: {owner: orders, extensions: [pg_trgm]}
"""

RETURN = r"""
statements:
  description: What was said to the server, without verifiers.
  type: list
  elements: str
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import postgresql_objects


def main() -> None:
    standalone(AnsibleModule, postgresql_objects)


if __name__ == "__main__":
    main()
