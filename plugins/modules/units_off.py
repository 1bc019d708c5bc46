#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: units_off
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Stop and mask units that are not to run, and bring them back later
description:
  - Units that a host does not have are skipped, so that one list fits a whole fleet.
  - What enables a unit is left as it is behind the mask. Which of them ran is remembered under C(/var/lib/groundwork/units_off);
    O(state=absent) unmasks and starts them again, and so does leaving one out. What was masked before, and what somebody else unmasked
    since, is left as it is.
extends_documentation_fragment:
  - groundwork.fleet.attributes.compared
  - groundwork.fleet.attributes.exact
  - groundwork.fleet.step
  - groundwork.fleet.step.journal
  - groundwork.fleet.step.owned
options:
  units_off:
    description: Names of units with their type, to V(true). One that is V(false) or null is left alone.
    type: dict
    default: {}
  state:
    description: V(absent) brings every unit of this owner back.
    type: str
    choices: [present, absent]
    default: present
  timeout:
    description: Seconds to wait for a unit to stop or to start.
    type: int
    default: 30
"""

EXAMPLES = r"""
- name: Nothing announces this host in the local network
  groundwork.fleet.units_off:
    owner: hardening
    units_off: {avahi-daemon.service: true, avahi-daemon.socket: true}
"""

RETURN = r"""
change:
  description: The id of the change in the journal under which this can be undone, empty where nothing was done.
  type: str
  returned: always
"off":
  description: Those of the units that this host has.
  type: list
  elements: str
  returned: always
restored:
  description: The units that were unmasked.
  type: list
  elements: str
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import units_off


def main() -> None:
    standalone(AnsibleModule, units_off)


if __name__ == "__main__":
    main()
