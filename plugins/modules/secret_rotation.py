#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: secret_rotation
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: The steps of a rotation of secrets on the controller
description:
  - Runs on the controller only and connects to no host. The playbooks C(rotate_secrets) and C(secrets_report) are made of it.
  - A secret is replaced where its age has passed C(rotate_after) of its references or its period in O(periods), or where O(rotate) names
    it. Only one that says how it is made (C(generate=)) can be, in a backend that can write new versions.
  - How far each rotation has come is kept in a file of mode 0600, without values. A run that was broken off is resumed where it stopped,
    and two runs at once on one controller write one new version.
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - groundwork.fleet.attributes.controller
options:
  state:
    description:
      - V(looked) returns which references a host uses. No backend is asked.
      - V(written) writes the next version of what is due beside the current one, and returns which hosts have to accept it. With C(--check)
        it only returns the plan.
      - V(promoted) makes the next versions current that every host accepts, and returns which hosts are to get them. The one that was
        current is kept as the previous one.
      - V(retired) overwrites the previous versions that no host uses any more, and returns which hosts are to refuse them.
      - V(begun) keeps how the checks of a host were before it gets new versions, and returns how they were when its rotation began.
      - V(deployed) keeps that O(step) is done at a host, and the host proven healthy.
      - V(proven) returns the rotations that every host has done with, and the hosts at which others stand.
      - V(finished) ends the proven ones among O(names).
      - V(reported) returns the age of every secret.
    type: str
    choices: [looked, written, promoted, retired, begun, deployed, proven, finished, reported]
    required: true
  services:
    description: For V(looked), the services of the host with all their layers merged.
    type: dict
    default: {}
  uses:
    description: Host to what V(looked) returned for it.
    type: dict
    default: {}
  hosts:
    description: Every host of the inventory. One that is not in O(uses) is refused, since it would keep an old secret.
    type: list
    elements: str
    default: []
  reached:
    description: The hosts that can be reached, by default all. No new version is written that another host would need.
    type: list
    elements: str
  rotate:
    description: References to replace whatever their age is, as a list or with commas between.
    type: raw
  periods:
    description:
      - "Reference, in which C(*) stands for any text, to the age after which it is replaced: C(90d), C(12w), C(36h) or C(never)."
      - The first that fits counts. C(rotate_after) of a reference goes before it.
    type: dict
    default: {}
  names:
    description: The secrets that are meant, as V(written) names them.
    type: list
    elements: str
    default: []
  step:
    description: For V(deployed), what was done at the host.
    type: str
    choices: [accepting, deploying, locking]
    default: deploying
  taught:
    description: Whether tasks of the inventory tell a new login to those who let in with it, since none of its hosts does.
    type: bool
    default: false
  back:
    description:
      - For V(written), makes the previous version of the rotations that were broken off the current one again, of those in O(rotate) or of
        all, and begins no other. What then is brought to the hosts is the old version, and the new one is retired.
    type: bool
    default: false
  health:
    description: For V(begun), the RV(groundwork.fleet.health_check#module:checks) of the host.
    type: dict
    default: {}
  directory:
    description: Where the state is, by default C(.groundwork/rotation) beside the inventory.
    type: path
  textfile:
    description: For V(reported), a file that the node exporter reads, to write the metrics to.
    type: path
  report:
    description: For V(reported), a file to write RV(secrets) to as JSON, with the C(time) at which it was so.
    type: path
attributes:
  check_mode:
    support: full
    description: Says what would be replaced.
  diff_mode:
    support: none
    description: There is nothing that may be shown.
seealso:
  - module: groundwork.fleet.preflight
"""

EXAMPLES = r"""
- name: See which secrets the host uses
  groundwork.fleet.secret_rotation:
    state: looked
  register: seen

- name: Show the age of every secret
  groundwork.fleet.secret_rotation:
    state: reported
    uses: "{{ dict(ansible_play_hosts | zip(ansible_play_hosts | map('extract', hostvars, 'seen'))) }}"
    periods: {"secret://production/*": 90d}
  run_once: true
"""

RETURN = r"""
uses:
  description: The place and the reference of each use.
  returned: with state looked
  type: list
  elements: list
meaning:
  description: Backend to what tells its store apart from others in this run.
  returned: with state looked
  type: dict
groups:
  description: The groups of the host.
  returned: with state looked
  type: list
  elements: str
names:
  description:
    - The secrets that are being rotated; with state promoted and retired those that this call moved, with state proven and finished those
      that are done.
  returned: with state written, promoted, retired, proven and finished
  type: list
  elements: str
  sample: ["secret://production/orders.yml#db_password"]
written:
  description: Those of which this call wrote a new version.
  returned: with state written
  type: list
  elements: str
rotating:
  description: Host to the C(names) of the secrets of which the step is to be done there, and the C(roles) that do it.
  returned: with state written, promoted and retired
  type: dict
  sample: {web-1: {names: ["secret://production/orders.yml#db_password"], roles: [services]}}
plan:
  description: What is done, in words.
  returned: with state written
  type: list
  elements: str
health:
  description: Check to its status when the rotation began.
  returned: with state begun
  type: dict
waiting:
  description: Secret to the hosts at which its present step is not done.
  returned: with state proven
  type: dict
secrets:
  description:
    - Name, backend, state and remedy of every secret, when it was C(changed), is C(due) and its rotation was C(begun) (seconds since 1970),
      and the age that is its C(limit) in seconds. Never a value.
  returned: with state reported
  type: list
  elements: dict
table:
  description: The same as lines.
  returned: with state reported
  type: list
  elements: str
metrics:
  description: The same as the text that the node exporter reads.
  returned: with state reported
  type: str
"""
