#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mounts
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Give mounted file systems the options that they are to have, and take them off later
description:
  - Remounts what is mounted at the paths of O(mounts) where it lacks an option; its other options stay. What the next boot mounts is not
    its concern.
  - A path that is no file system of its own is reported in RV(not_mounted), what the kernel refuses in RV(refused).
  - Options that were added are remembered under C(/var/lib/groundwork/mounts). O(state=absent) takes them off, and so does leaving
    one out.
extends_documentation_fragment:
  - groundwork.fleet.attributes.compared
  - groundwork.fleet.attributes.exact
  - groundwork.fleet.step
  - groundwork.fleet.step.journal
  - groundwork.fleet.step.owned
options:
  mounts:
    description:
      - Path to a mapping with C(options), a list of C(nodev), C(nosuid), C(noexec), and of C(hidepid=) and C(gid=) for C(/proc). An entry
        that is null is left alone.
    type: dict
    default: {}
  state:
    description: V(absent) takes every option of this owner off.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Nothing in shared memory is executed
  groundwork.fleet.mounts:
    owner: hardening
    mounts:
      /dev/shm: {options: [nodev, nosuid, noexec]}
"""

RETURN = r"""
change:
  description: The id of the change in the journal under which this can be undone, empty where nothing was done.
  type: str
  returned: always
remounted:
  description: Path to the options that were set or taken off.
  type: dict
  returned: always
refused:
  description: Path to the kernel's reason, where it did not let the file system be remounted.
  type: dict
  returned: always
not_mounted:
  description: The paths that are no file system of their own.
  type: list
  elements: str
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import mounts


def main() -> None:
    standalone(AnsibleModule, mounts)


if __name__ == "__main__":
    main()
