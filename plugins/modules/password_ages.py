#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: password_ages
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Let passwords of accounts that exist end, and give them back the time that they had
description:
  - C(/etc/login.defs) holds for accounts that are made from then on; this is for those that exist. An account that the host does not have
    is left out.
  - A password that is older already would end at once, and is refused.
  - What an account had is remembered under C(/var/lib/groundwork/password_ages). O(state=absent) puts it back, and so does leaving an
    account out.
extends_documentation_fragment:
  - groundwork.fleet.attributes.exact
  - groundwork.fleet.step
  - groundwork.fleet.step.journal
  - groundwork.fleet.step.owned
options:
  password_ages:
    description: Account to C(maximum), the days after which its password ends. An account that is null is left alone.
    type: dict
    default: {}
  state:
    description: V(absent) puts everything of this owner back.
    type: str
    choices: [present, absent]
    default: present
attributes:
  diff_mode:
    description: Shows the days that were and will be.
    support: full
"""

EXAMPLES = r"""
- name: Have root's password changed once a year
  groundwork.fleet.password_ages:
    owner: hardening
    password_ages:
      root: {maximum: 365}
"""

RETURN = r"""
change:
  description: The id of the change in the journal under which this can be undone, empty where nothing was written.
  type: str
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import password_ages


def main() -> None:
    standalone(AnsibleModule, password_ages)


if __name__ == "__main__":
    main()
