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
  - The same call brings the facts that the roles use, where they are wanted and not known yet, and the sizes of file systems, where
    something is declared that they bound.
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - groundwork.fleet.attributes.no_diff
options:
  facts:
    description: Whether to gather what M(groundwork.fleet.facts) does, unless facts of the network are known, from a cache for example.
    type: bool
    default: false
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
    description: Runs on the controller; on the host it calls P(ansible.builtin.ping#module) or P(groundwork.fleet.facts#module).
seealso:
  - module: groundwork.fleet.preflight
"""

EXAMPLES = r"""
- name: Prove that the host can be managed
  groundwork.fleet.reachable:

- name: The same, and learn what it is
  groundwork.fleet.reachable:
    facts: true
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
unit_files:
  description: As RV(groundwork.fleet.facts#module:unit_files).
  returned: where facts were gathered
  type: list
  elements: str
"""
