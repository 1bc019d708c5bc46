#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pam
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Bring the PAM stack of a host to declared profiles, and put back what was there
description:
  - A profile brings lines for all services, sets arguments of modules that stand there already, or adds lines to one service.
  - Lines for all services become a profile of C(pam-auth-update) (C(/usr/share/pam-configs/groundwork-NAME)), so that a package that is
    installed later finds and keeps them. C(pam-auth-update) works on a copy; what it makes of it is shown, proven and then put in place as
    one change of the journal, so that it can be undone. The host's debconf is not touched.
  - Arguments are changed in place. C(pam-auth-update) keeps those too.
  - Before anything is put in place the new stack is proven. Every module it names has to be there, no jump may lead beyond the end, and
    libpam itself is asked, with the new files, whether O(user) and root are still let in by C(sshd), C(sudo), C(login), C(su) and C(cron)
    where they are let in now. No password is tried and no failure counted.
  - What was there is remembered in C(/var/lib/groundwork). O(state=absent) puts it back, and so does leaving a profile out.
extends_documentation_fragment:
  - groundwork.fleet.step
  - groundwork.fleet.step.owned
options:
  profiles:
    description:
      - Name to parts. A profile that is null is left out.
      - C(auth), C(account), C(password) and C(session) are lists of lines as in C(/etc/pam.d) without their type.
        Instead of a number C(end) in a jump leads to the end of the block. C(auth_initial) and so on stand there instead where the
        profile is the first of its block.
      - C(priority) is the place, more stands earlier; C(pam_unix) has 256. C(additional) puts it into the second block, which is the
        default for C(session).
      - C(arguments) maps a service to modules to arguments, V(true), V(false) or a value.
      - C(lines) maps a service to types to lines; they are put before what the service includes of that type.
    type: dict
    default: {}
  user:
    description: Who has to be let in as before. Left empty, the user who called sudo, or root.
    type: str
    default: ""
  state:
    description: V(absent) takes everything of this owner back.
    type: str
    choices: [present, absent]
    default: present
attributes:
  check_mode:
    description: Predicts the change exactly. The new stack is not proven, since packages that bring its modules may be missing.
    support: full
  diff_mode:
    description: Shows every file before and after.
    support: full
"""

EXAMPLES = r"""
- name: Count failed logins, accept no empty password, and let nobody but root use su
  groundwork.fleet.pam:
    owner: hardening
    profiles:
      faillock-before:
        priority: 1024
        auth: [required pam_faillock.so preauth]
        account: [required pam_faillock.so]
      faillock-after:
        priority: 0
        auth: ["[default=die] pam_faillock.so authfail", sufficient pam_faillock.so authsucc]
      no-empty-password:
        arguments: {common-auth: {pam_unix.so: {nullok: false}}}
      su:
        lines: {su: {auth: [required pam_wheel.so use_uid group=root]}}
"""

RETURN = r"""
change:
  description: The id of the change in the journal under which this can be undone, empty where nothing was written.
  type: str
  returned: always
changed_files:
  description: The paths that changed.
  type: list
  elements: str
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import pam


def main() -> None:
    standalone(AnsibleModule, pam)


if __name__ == "__main__":
    main()
