#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: permissions
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Take permissions of paths that others made down to what they may have at most, and give them back later
description:
  - For files and directories of the system and of packages. What a role makes itself gets its permissions from M(groundwork.fleet.files).
  - Bits are only taken, never given. What is missing, and a symbolic link, is skipped.
  - What a path had is remembered under C(/var/lib/groundwork/permissions). O(state=absent) gives it back, and so does leaving a path out;
    where somebody else has changed it since, it is left as it is.
extends_documentation_fragment:
  - groundwork.fleet.attributes.compared
  - groundwork.fleet.attributes.exact
  - groundwork.fleet.step
  - groundwork.fleet.step.journal
  - groundwork.fleet.step.owned
options:
  permissions:
    description:
      - Path to what it may have at most. After the last slash C(*), C(?) and C([]) stand for what they mean in a shell. Of two entries that
        mean the same path the later one decides. C(~/) before a name means the home of everybody who can log in.
      - C(mode) is an octal number in quotes, C(owner) and C(group) are names or numbers; what is left out stays as it is. An entry that is
        null is left alone.
    type: dict
    default: {}
  state:
    description: V(absent) gives everything of this owner back.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Only root and its group may read the jobs of cron
  groundwork.fleet.permissions:
    owner: hardening
    permissions:
      /etc/crontab: {mode: "0600", owner: root, group: root}
      /etc/cron.d/*: {mode: "0600"}
"""

RETURN = r"""
change:
  description: The id of the change in the journal under which this can be undone, empty where nothing was done.
  type: str
  returned: always
paths:
  description: The paths that were changed.
  type: list
  elements: str
  returned: always
refused:
  description: The paths that the kernel did not let anyone change, as on a file system that is mounted read-only.
  type: list
  elements: str
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import permissions


def main() -> None:
    standalone(AnsibleModule, permissions)


if __name__ == "__main__":
    main()
