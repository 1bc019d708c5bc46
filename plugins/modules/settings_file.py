#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: settings_file
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Set single settings in a file that belongs to someone else, and put them back later
description:
  - For files that know no drop-ins, such as C(/etc/login.defs). Each setting is a line of a name and a value.
  - The lines that stood there are remembered under C(/var/lib/groundwork/settings). O(state=absent) puts them back as they were, and so
    does leaving a setting out.
  - A setting that has the wanted value already is left alone and not remembered.
extends_documentation_fragment:
  - groundwork.fleet.attributes.exact
  - groundwork.fleet.step
  - groundwork.fleet.step.owned
options:
  path:
    description: The file. Where it does not exist, nothing is done and RV(missing) is true.
    type: path
    required: true
  settings:
    description: Name to value; a value that is null is left as the file had it.
    type: dict
    default: {}
  separator:
    description: What stands between name and value in a line that is written.
    type: str
    default: "\t"
  instead_of:
    description: Change only settings that have this value. One that is missing, or that somebody chose, is left alone.
    type: str
  state:
    description: V(absent) puts every setting of this owner back.
    type: str
    choices: [present, absent]
    default: present
attributes:
  diff_mode:
    description: Shows the file before and after.
    support: full
"""

EXAMPLES = r"""
- name: New files are not readable by everybody
  groundwork.fleet.settings_file:
    owner: hardening
    path: /etc/login.defs
    settings:
      UMASK: "027"
"""

RETURN = r"""
change:
  description: The id of the change in the journal under which this can be undone, empty where nothing was written.
  type: str
  returned: always
missing:
  description: Whether the file does not exist.
  type: bool
  returned: always
restored:
  description: Names of the settings that got their original lines back.
  type: list
  elements: str
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import settings_file


def main() -> None:
    standalone(AnsibleModule, settings_file)


if __name__ == "__main__":
    main()
