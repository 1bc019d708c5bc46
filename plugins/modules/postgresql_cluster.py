#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: postgresql_cluster
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: The data of a PostgreSQL cluster by its place in a replication
description:
  - Takes a base backup for a standby whose cluster is as its package made it, or which has none. It waits until the primary lets it in.
  - Refuses to touch a cluster that has data of its own, unless C(rejoin) says how it may go.
  - Refuses to let a standby, or a primary that was fenced when another one was promoted, take writes.
  - The cluster does not run meanwhile; M(groundwork.fleet.units) starts it afterwards.
extends_documentation_fragment:
  - groundwork.fleet.attributes.predicted
  - groundwork.fleet.postgresql
options:
  replication:
    description: "C({role, primary, primary_port, name, user, rejoin, wait}) as in the entry C(postgresql) of the catalogue."
    type: dict
    default: {}
  ca:
    description: The certificate of the authority that the primary's certificate is held against.
    type: path
    default: ""
"""

EXAMPLES = r"""
- name: Become a standby of db-1
  groundwork.fleet.postgresql_cluster:
    version: "17"
    replication: {role: standby, primary: db-1, name: db-2}
    ca: /etc/groundwork/tls/ca.crt
"""

RETURN = r"""
way:
  description: How it became a standby (V(base_backup), V(rewind)), empty where it was one or is none.
  type: str
  returned: success
kept:
  description: Where the data lies that a base backup replaced, empty where there was none worth keeping.
  type: str
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import postgresql_cluster


def main() -> None:
    standalone(AnsibleModule, postgresql_cluster)


if __name__ == "__main__":
    main()
