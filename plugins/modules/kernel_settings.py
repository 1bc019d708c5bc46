#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kernel_settings
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Bring settings of the running kernel to their values
description:
  - Compares C(/proc/sys) with O(settings) and writes only what differs. The files that the next boot reads are not its concern.
  - What the kernel does not know is reported in RV(unknown), what it does not let anyone write, as in a container, in RV(read_only).
  - Values that were changed are remembered under C(/var/lib/groundwork/kernel); O(state=absent) puts them back, and so does leaving a
    setting out.
extends_documentation_fragment:
  - groundwork.fleet.attributes.exact
  - groundwork.fleet.step
options:
  owner:
    description: Who asks, usually the role.
    type: str
    required: true
  settings:
    description: Name to value, as in sysctl.d(5). A value that is null is left alone.
    type: dict
    default: {}
  state:
    description: V(absent) puts every value of this owner back.
    type: str
    choices: [present, absent]
    default: present
  change:
    description: The change of the journal to which what is written belongs. Without it this is a change of its own.
    type: str
    default: ""
attributes:
  diff_mode:
    description: Shows the values before and after.
    support: full
"""

EXAMPLES = r"""
- name: Hide kernel addresses
  groundwork.fleet.kernel_settings:
    owner: hardening
    settings:
      kernel.kptr_restrict: 2
"""

RETURN = r"""
change:
  description: The id of the change in the journal under which this can be undone, empty where nothing was written.
  type: str
  returned: always
written:
  description: Name to value of what was written.
  type: dict
  returned: always
read_only:
  description: Names of settings that have another value and cannot be written.
  type: list
  elements: str
  returned: always
unknown:
  description: Names of settings that this kernel does not have.
  type: list
  elements: str
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import kernel_settings


def main() -> None:
    standalone(AnsibleModule, kernel_settings)


if __name__ == "__main__":
    main()
