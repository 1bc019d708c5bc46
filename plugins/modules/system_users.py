#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Have the system users that services run as."""

from __future__ import annotations

DOCUMENTATION = r"""
module: system_users
short_description: Have the system users that services run as
version_added: 0.1.0
author: groundwork.fleet contributors (@groundwork)
description:
  - Creates users that cannot log in, all in one call. A user that exists is left as it is.
  - O(state=absent) removes a user only if its comment is the one given, that is if this module created it.
options:
  users:
    description: Name to a mapping of C(comment), C(group) (the primary group; one of the user's name is created with it) and C(home).
    type: dict
    required: true
  state:
    description: Whether the users are to be there.
    type: str
    choices: [present, absent]
    default: present
attributes:
  check_mode:
    description: Exact.
    support: full
  diff_mode:
    description: Shows the users before and after.
    support: full
"""

EXAMPLES = r"""
- name: Have the user of a service
  groundwork.fleet.system_users:
    users:
      orders: {comment: groundwork.fleet service orders}
"""

RETURN = r"""
created:
  description: Users that were created.
  type: list
  elements: str
  returned: always
removed:
  description: Users that were removed.
  type: list
  elements: str
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import system_users


def main() -> None:
    standalone(AnsibleModule, system_users)


if __name__ == "__main__":
    main()
