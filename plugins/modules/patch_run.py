#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: patch_run
short_description: Remember what a host had before it is patched, and bring it back
version_added: 0.1.0
author:
  - groundwork.fleet contributors (@groundwork-fleet)
description:
  - O(state=begun) notes the version of every installed package on the host, O(state=back) brings those versions back, O(state=ended)
    forgets them. What stands in between may be a reboot, noted by O(state=rebooting), or another run of the playbook.
  - The old version comes from a repository that still has it, or from apt's own archive on the host. Which versions can be had nowhere any
    more is told before anything is changed.
  - C(groundwork.fleet.patch) uses it; see C(docs/patch.md).
extends_documentation_fragment:
  - groundwork.fleet.step.lock
options:
  state:
    description:
      - V(begun) notes the versions. A run that has begun and not ended keeps what it noted, so that the way back leads to before the
        first attempt.
      - V(back) brings the noted versions back, reinstalls what the run removed, and purges what it brought but the kernel that runs.
        The note stays.
      - V(rebooting) notes which boot is about to end, so that a run that is interrupted there knows later whether the reboot has come.
        It reboots nothing.
      - V(ended) forgets the note.
    type: str
    choices: [begun, rebooting, back, ended]
    required: true
  health:
    description:
      - What to keep with the note, the RV(groundwork.fleet.health_check#module:checks) from before. M(groundwork.fleet.patch_status)
        returns it.
    type: dict
    default: {}
attributes:
  check_mode:
    support: full
    description: Notes nothing, and asks apt to simulate the way back.
  diff_mode:
    support: full
    description: Shows name and version of each package that goes back.
seealso:
  - module: groundwork.fleet.patch_status
"""

EXAMPLES = r"""
- name: Upgrade, so that there is a way back
  groundwork.fleet.converge:
    steps:
      - patch_run: {state: begun}
      - packages: {owner: packages, upgrade: all}

- name: Go back
  groundwork.fleet.patch_run:
    state: back
"""

RETURN = r"""
upgraded:
  description: With V(begun) and V(ended), what has another version than was noted, name to both versions.
  returned: success
  type: dict
  sample: {openssl: [3.0.15-1, 3.0.17-1]}
installed:
  description: What is new since the note, name to version.
  returned: success
  type: dict
removed:
  description: What has gone since the note, name to the version it had.
  returned: success
  type: dict
rebooted:
  description: With V(ended), whether the host has rebooted since V(rebooting), in this run of the playbook or in an earlier one.
  returned: O(state=ended)
  type: bool
restored:
  description: With V(back), what has its noted version again (in check mode would have), name to version.
  returned: O(state=back)
  type: dict
unavailable:
  description: With V(back), what can be had nowhere any more in the version that was noted, name to that version.
  returned: O(state=back)
  type: dict
stays:
  description: With V(back), what is new and stays, name to why.
  returned: O(state=back)
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import patch_run


def main() -> None:
    standalone(AnsibleModule, patch_run)


if __name__ == "__main__":
    main()
