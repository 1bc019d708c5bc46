#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: postgresql_promotion
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Hand the writes of a replication from one PostgreSQL server to another
description:
  - Looks at a server, fences a former primary, or promotes a standby.
    The playbook C(groundwork.fleet.promote_postgresql) does all of it in order.
  - A fenced server is stopped and masked, and M(groundwork.fleet.postgresql_cluster) refuses to have it as a primary until it is a standby.
extends_documentation_fragment:
  - groundwork.fleet.postgresql
options:
  state:
    description:
      - V(observed) looks only. V(fenced) stops a former primary for good.
      - V(promoted) ends the recovery of a standby, and proves that it takes writes.
    type: str
    choices: [observed, fenced, promoted]
    required: true
  successor:
    description: With O(state=fenced), who takes over. It stands in the refusals of later runs.
    type: str
    default: ""
  position:
    description: With O(state=promoted), the place in the log that the standby must have reached, RV(found.position) of the fenced primary.
    type: str
    default: ""
  wait:
    description: Seconds for which it waits for that place, and for the end of the recovery.
    type: int
    default: 60
attributes:
  check_mode:
    description: Looks, and predicts the change.
    support: full
  diff_mode:
    description: Says what would be done.
    support: full
"""

EXAMPLES = r"""
- name: See who follows
  groundwork.fleet.postgresql_promotion:
    state: observed
    version: "17"
"""

RETURN = r"""
found:
  description: What the server is afterwards.
  type: dict
  returned: success
  contains:
    running:
      description: Whether it runs.
      type: bool
    clean:
      description: Whether it was shut down, of one that does not run.
      type: bool
    recovery:
      description: Whether it is a standby.
      type: bool
    position:
      description: Its place in the log.
      type: str
    standbys:
      description: Who streams from it, name to how many bytes it is behind.
      type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import postgresql_promotion


def main() -> None:
    standalone(AnsibleModule, postgresql_promotion)


if __name__ == "__main__":
    main()
