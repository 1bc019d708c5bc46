#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: accounts
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Bring many accounts and groups to what is declared, in one call
description:
  - Creates, changes and removes accounts with useradd, usermod and userdel, and remembers in C(/var/lib/groundwork/accounts.json) which
    of them it created and what others were before. Only what it created is ever removed, with the home directory; others get their old
    values back.
  - Accounts have no password. An account that is locked, or was created here and is not declared any more, cannot be used and loses nothing
    else. Its password is locked, it is expired, its sessions and processes are ended, lingering is switched off, its crontab is moved to
    C(/var/lib/groundwork/homes), its jobs of at are removed, its keys too.
  - An account that is removed leaves its home as an archive of root's in C(/var/lib/groundwork/homes), unless it says C(keep_home=delete).
    Its directory of libpam-tmpdir (C(/tmp/user/<uid>)) goes with it.
  - Writes no keys and no sudo rights; RV(authorized_keys) and RV(former) say which files M(groundwork.fleet.files) has to write.
  - Refuses, before anything is changed, to cut off the account that the run is connected with. It keeps the key that opened the connection
    (every key, where the journal of the host does not tell which), a shell to log in with and, where the run uses sudo, all rights.
  - Where its keys or the drop-ins of sudo change, a second sshd on the loopback address has to accept the key, and sudo is tried with the
    new drop-ins, as with M(groundwork.fleet.ssh_access).
  - Refuses a shell that the host does not have or may not execute, before anything is changed; in check mode it warns.
extends_documentation_fragment:
  - groundwork.fleet.step
  - groundwork.fleet.step.journal
options:
  accounts:
    description: The accounts, as P(groundwork.fleet.checked_accounts#filter) gives them.
    type: dict
    default: {}
  groups:
    description: Groups to create, name to C(gid) or null.
    type: dict
    default: {}
  sudo_files:
    description: The sudo drop-ins as they will be, as P(groundwork.fleet.sudo_files#filter) gives them. They are tried, not written.
    type: dict
    default: {}
  others:
    description: V(lock) locks every account of a person (uid 1000 to 59999 with a shell) that is not declared and not in use.
    type: str
    choices: [keep, lock]
    default: keep
  connecting_user:
    description: The user of the connection. The one who called sudo is always counted as connected too.
    type: str
    default: ""
  state:
    description: V(absent) undoes everything that was done by this module.
    type: str
    choices: [present, absent]
    default: present
attributes:
  check_mode:
    description: Predicts the changes exactly.
    support: full
  diff_mode:
    description: Shows the commands that make the changes.
    support: full
"""

EXAMPLES = r"""
- name: Let ana in
  groundwork.fleet.accounts:
    accounts: "{{ {'ana': {'keys': ['ssh-ed25519 AAAA... ana']}} | groundwork.fleet.checked_accounts }}"
    connecting_user: "{{ ansible_user | default('') }}"
"""

RETURN = r"""
authorized_keys:
  description: Account to its C(home), C(group) and the C(text) that its authorized_keys should have (null for no file).
  type: dict
  returned: always
former:
  description: Names that have a sudo drop-in of the role but are not declared.
  type: list
  elements: str
  returned: always
change:
  description: The id of the change in the journal under which this can be undone, empty where nothing was done.
  type: str
  returned: always
removed:
  description: Accounts that were removed.
  type: list
  elements: str
  returned: always
kept:
  description: Accounts that should be absent, but were not created here.
  type: list
  elements: str
  returned: always
locked:
  description: Accounts that nobody can use, since they are declared so or not declared any more.
  type: list
  elements: str
  returned: always
proven:
  description: What the trials of sshd and sudo showed, in sentences. Empty where nothing changes for the account in use.
  type: list
  elements: str
  returned: always
undeclared:
  description: Accounts that were created here and are not declared any more; they are locked, their homes stay.
  type: list
  elements: str
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import accounts


def main() -> None:
    standalone(AnsibleModule, accounts)


if __name__ == "__main__":
    main()
