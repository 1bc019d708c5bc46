#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: files
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Write a whole set of files in one round trip
description:
  - The controller renders every file of a set and hands the host the whole set at once. The host compares, stages what differs beside
    its destination, runs the validators on the staged files, records the old state under C(/var/lib/groundwork/changes) and swaps each
    file by rename. Where a validator or a swap fails, every path is as it was; after a kill -9 or a power loss the next run takes the
    half-done change back.
  - Content of more than 256 KiB travels on its own, only to a host that lacks it. That of a C(source) is never held in memory as a whole.
  - A link is followed on the way to a path only where root made it, and nothing is written below a directory that everybody may write to
    (unless it is sticky, as C(/tmp)).
  - Extended attributes, ACLs and the SELinux label of a replaced file stay. Its owner, group and mode become those of the set, by default
    C(root), C(root) and C("0644").
options:
  files:
    description:
      - The set, a mapping from absolute path to what should stand there. One of C(template), C(content), C(source), C(directory),
        C(link) and C(absent) says what it is. A list of such mappings is one set; a path in two of them is refused.
      - C(template) is a template of the role or playbook, C(content) the text itself, C(source) a file on the controller.
      - C(mode) (octal string; default C("0644") for a file, C("0755") for a directory), C(owner) and C(group)
        (default C(root); null keeps what the file has), C(vars) (further variables for the template), C(secret) (content is kept
        out of diffs and of the journal; default mode C("0600"), and none that lets others in).
      - C(credential) beside C(secret) has the host encrypt the content with systemd-creds, by its TPM or its own key, for
        C(LoadCredentialEncrypted=NAME:PATH) of a unit. What the file decrypts to is compared, so an unchanged secret changes nothing.
        It takes systemd 250 or newer. It is not bound to a state of the firmware (PCR).
      - C(secret) beside C(purge) has what goes from the directory shown and journalled as secrets are.
      - A secret is compared by a keyed digest and travels only to a host whose file is not as it should be. C(secret) is implied where
        C(content) is a reference C(secret://…), and the content of a file with a secret of the run in it is never shown.
      - "C(purge) beside C(directory: true) keeps the directory exact: C(true) takes away what earlier sets with this directory wrote
        there and this one does not name, a pattern such as C('*.conf') every file and link that matches and that the set does not name."
      - C(once), V(true), writes a file or link only where there is none yet; what stands there is left to whoever changes it.
    type: raw
    required: true
  validate:
    description:
      - Commands that must succeed on the staged set before anything is swapped, without a shell. C({/path}) stands for the staged file of
        that path. One that takes more than a minute is ended and has failed.
      - V(systemd-analyze verify {/etc/systemd/system/x.service}) judges units under their own names, drop-ins with their unit and
        quadlets by Podman's generator; a line that systemd would ignore is refused.
      - What follows a number sign (C(#) between spaces) in a command is no part of it. It says which variables the command judges, and
        the message of a refusal says so.
      - Run only where something changes. In check mode a command whose program is not installed yet is skipped.
    type: list
    elements: str
    default: []
  state:
    description:
      - V(absent) removes every path of the set; a directory of the set goes only when it is empty by then.
      - With O(owner) it brings back what stood there before, whatever O(files) says.
    type: str
    choices: [present, absent]
    default: present
  owner:
    description:
      - Whose set it is, a name such as that of a role. The host remembers what stood at each path before the owner's first set
        (C(/var/lib/groundwork/files)), and brings it back as soon as the owner's set does not name the path any more.
      - An owner has one set, in one task. Files over 256 KiB cannot be remembered.
    type: str
    default: ""
  prune:
    description:
      - Paths that come and go, as those of instances; a mapping of a name to a list of paths. The host remembers them under that name
        (C(/var/lib/groundwork/managed)).
      - With O(state=absent) what is remembered under the name and not listed goes; a directory only when it is empty by then.
      - A name that is not in the mapping is left as it is.
    type: dict
    default: {}
  transferred:
    description: Filled in by the action plugin, where large content lies on the host, by its digest. Not for playbooks.
    type: dict
    default: {}
  run:
    description: Filled in by the action plugin, the name of this run. It stands in the journal and in the lock.
    type: str
    default: ""
  keep_changes:
    description: Filled in by the action plugin from C(fleet_journal_changes), how many changes the journal keeps.
    type: int
    default: 100
  keep_days:
    description: Filled in by the action plugin from C(fleet_journal_days), how many days the journal keeps a change. The newest stays.
    type: int
    default: 90
attributes:
  check_mode:
    support: full
    description: Reports exactly what would change and writes nothing to the destinations.
  diff_mode:
    support: full
    description: Shows every change; secret content is only named.
"""

EXAMPLES = r"""
- name: Write the configuration of sshd, refused if sshd would not take it
  groundwork.fleet.files:
    files:
      /etc/ssh/sshd_config.d/10-groundwork.conf: {template: sshd.conf.j2, mode: "0600"}
      /etc/ssh/banner: {content: "Authorised use only.\n"}
    validate:
      - "sshd -t -f {/etc/ssh/sshd_config.d/10-groundwork.conf}"
  register: written
"""

RETURN = r"""
changed_files:
  description: The paths that changed (in check mode, that would change).
  type: list
  elements: str
  returned: always
change:
  description: The id of the change in the journal, empty where nothing changed.
  type: str
  returned: always
needed:
  description: For the action plugin, digests of the large content that is still to be sent. Empty in what a task sees.
  type: list
  elements: str
  returned: always
skipped_validators:
  description: In check mode, the validators whose program the host does not have yet.
  type: list
  elements: str
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import files


def main() -> None:
    standalone(AnsibleModule, files)


if __name__ == "__main__":
    main()
