#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: reachable
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Prove that a host can be managed
description:
  - Connects to the host, runs Python there, with the privileges of the play, and changes nothing.
  - For a host that cannot be reached there is one message, which names the address, what was tried and how to mend it.
    Ansible counts it as unreachable, the other hosts go on.
  - In the same call the sizes of file systems are asked for, where something is declared that they bound.
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - groundwork.fleet.attributes.no_diff
options:
  bounds:
    description: What may be written on the host, as M(groundwork.fleet.preflight) returns it in C(bounds).
    type: list
    elements: dict
    default: []
    suboptions:
      variable:
        description: Where it is declared.
        type: str
        required: true
      value:
        description: What is declared.
        type: str
        required: true
      bytes:
        description: The same in bytes.
        type: int
        required: true
      folders:
        description: Where it is written, by C(ansible_facts.os_family).
        type: dict
        required: true
attributes:
  platform:
    support: full
    description: Any that Ansible reaches.
    platforms: posix
  check_mode:
    support: full
    description: Never changes anything.
  action:
    support: full
    description: Runs on the controller; on the host it calls P(ansible.builtin.ping#module), or itself where there are O(bounds).
seealso:
  - module: groundwork.fleet.preflight
"""

EXAMPLES = r"""
- name: Prove that the host can be managed
  groundwork.fleet.reachable:
"""

RETURN = r"""
address:
  description: The address that was tried.
  returned: always
  type: str
  sample: 192.0.2.7
refusal:
  description: What is declared and does not fit on a file system of the host, empty where all does. The task does not fail for it.
  returned: always
  type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils import disk_bounds


def main() -> None:
    bound = {
        "variable": {"type": "str", "required": True},
        "value": {"type": "str", "required": True},
        "bytes": {"type": "int", "required": True},
        "folders": {"type": "dict", "required": True},
    }
    options = {"bounds": {"type": "list", "elements": "dict", "default": [], "options": bound}}
    module = AnsibleModule(argument_spec=options, supports_check_mode=True)
    try:
        with open(disk_bounds.OS_RELEASE, encoding="utf-8", errors="replace") as stream:
            family = disk_bounds.family(stream.read())
    except OSError:
        family = disk_bounds.DEBIAN
    folders = {one["folders"].get(family) for one in module.params["bounds"]} - {None}
    try:
        sizes = {folder: disk_bounds.size(folder) for folder in folders}
    except OSError as error:
        module.fail_json(msg="The size of the file system cannot be told: %s" % error)
    module.exit_json(changed=False, ping="pong", family=family, file_systems=sizes)


if __name__ == "__main__":
    main()
