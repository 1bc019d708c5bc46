#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: observe
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Run commands that only look, and return what they say
description:
  - Runs any number of commands that change nothing, one after the other, without a shell and in English (C(LC_ALL=C)).
  - It is never a change, and runs in check mode too. So a command that does change something has no place here.
options:
  commands:
    description:
      - Name to what is run. C(argv) is the command, a list of words; its first one is a program, found by C(PATH) and in the
        directories of the system's programs.
      - C(may_fail) (default false) takes any exit status for an answer, and a program that is not there.
      - C(timeout) (seconds, default 30) is how long one attempt may take.
      - C(until) is a regular expression that the output must match; C(retries) (default 0) more attempts, C(delay) (seconds, default 1)
        apart, are made until the command succeeds and it does.
      - C(lines) (default none) are lines that the output has to have, in any order; C(remedy) is what the error says to do where one
        is missing.
      - In check mode a program that is not there is no error, an earlier step may be about to install it.
    type: dict
    required: true
attributes:
  check_mode:
    support: full
    description: Does the same.
  diff_mode:
    support: none
    description: It changes nothing.
"""

EXAMPLES = r"""
- name: Ask the host what is in effect
  groundwork.fleet.observe:
    commands:
      rules: {argv: [nft, -j, list, table, inet, groundwork], may_fail: true}
      time: {argv: [chronyc, -n, -c, tracking], retries: 10, until: "(.*,){10}"}
  register: observed
"""

RETURN = r"""
commands:
  description: Name to what the command said the last time it was run.
  returned: always
  type: dict
  contains:
    rc:
      description: Its exit status, V(127) where there is no such program, V(-1) where it did not end in time.
      type: int
      returned: always
    stdout:
      description: Its output.
      type: str
      returned: always
    stderr:
      description: Its errors.
      type: str
      returned: always
    missing:
      description: Whether the host has no such program.
      type: bool
      returned: always
    attempts:
      description: How often it was run.
      type: int
      returned: always
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import observe


def main() -> None:
    standalone(AnsibleModule, observe)


if __name__ == "__main__":
    main()
