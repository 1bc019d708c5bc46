#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: deploy_hooks
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Run commands around the deployment of services
description:
  - A step of M(groundwork.fleet.converge) with C(rollback). Before the steps that change services it runs C(before_deploy) and C(drain) of
    those that the later steps are going to start, restart or switch to another release, and of no others. What is going to happen is
    foreseen, not done. A hook that fails ends the call before anything of the services is changed.
  - A second step of it, with O(stage=after), runs C(after_deploy) and C(undrain) of these.
  - Where the deployment fails and is taken back, C(undrain) runs once everything is back. Where it was killed, the next one runs it.
options:
  services:
    description:
      - Service to a mapping of C(units) (its units) and C(paths) (what else makes it a deployment when it changes), C(before_deploy),
        C(drain), C(after_deploy) and C(undrain).
      - A hook is a mapping of C(argv) (a list of words, there is no shell), C(user) (default V(root)) and C(timeout) (seconds, by default
        300).
      - C(credentials) (name to path, C(encrypted) where systemd-creds has encrypted them) and C(environment_file) are secrets that
        systemd hands to the hook.
      - Not used with O(stage=after).
    type: dict
    default: {}
  stage:
    description: Whether this is the step before the change or the one after it.
    type: str
    choices: [before, after]
    required: true
  foreseen:
    description: Filled in by M(groundwork.fleet.converge), the paths and units that the later steps are going to change.
    type: list
    elements: str
    default: []
attributes:
  check_mode:
    support: full
    description: Tells which services would be deployed; no hook runs.
  diff_mode:
    support: none
    description: What a hook changes is its own matter.
"""

EXAMPLES = r"""
- name: Replace a configuration out of sight of the load balancer
  groundwork.fleet.converge:
    rollback: true
    steps:
      - deploy_hooks:
          stage: before
          services:
            shop:
              units: [shop.service]
              drain: {argv: [touch, /run/shop-drained], timeout: 10}
              undrain: {argv: [rm, -f, /run/shop-drained]}
        id: hooks_before
      - files: {files: {/etc/shop.conf: {template: shop.conf.j2}}}
      - units: {units: {shop.service: {state: started, restart_on: [/etc/shop.conf], stable_for: 10}}}
      - deploy_hooks: {stage: after}
        id: hooks_after
"""

RETURN = r"""
deploying:
  description: The services whose hooks were due.
  type: list
  elements: str
  returned: always
ran:
  description: The hooks that ran, V(shop.drain).
  type: list
  elements: str
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import deploy_hooks


def main() -> None:
    standalone(AnsibleModule, deploy_hooks)


if __name__ == "__main__":
    main()
