#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: key_owners
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Give keys of certificates to the accounts that read them
description:
  - A key may come before the package that brings its owner, and is root's until then. Before the service starts it becomes its owner's.
extends_documentation_fragment:
  - groundwork.fleet.attributes.predicted
options:
  keys:
    description: "Path of each key to C({owner, group}), by default those of root."
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Let PostgreSQL read its key
  groundwork.fleet.key_owners:
    keys:
      /etc/groundwork/tls/postgresql.key: {owner: postgres, group: postgres}
"""

RETURN = r"""
given:
  description: The keys that changed hands.
  type: list
  elements: str
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import key_owners


def main() -> None:
    standalone(AnsibleModule, key_owners)


if __name__ == "__main__":
    main()
