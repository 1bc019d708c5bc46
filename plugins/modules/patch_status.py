#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: patch_status
short_description: Find out how well patched a host is
version_added: 0.1.0
author:
  - groundwork.fleet contributors (@groundwork-fleet)
description:
  - Tells the upgrades that are pending and which of them are for security, what is held, what no repository has any more, whether the host
    waits for a reboot and why, which processes still run what was replaced, how old the package lists are, whether C(dpkg) was
    interrupted, and when the keys of the repositories end.
  - Changes nothing. Without O(refresh) it does not use the network either, and tells what is pending by the lists that are there.
  - Needs no Python bindings of apt and no gpg on the host. Only root sees the processes of others.
extends_documentation_fragment:
  - groundwork.fleet.attributes.no_diff
  - groundwork.fleet.step.lock
options:
  refresh:
    description:
      - Fetch the package lists first where they are older than this, in seconds, or a repository changed. Not in check mode.
        Where they cannot be fetched it warns and goes on with the old ones.
      - Without it they are never fetched.
    type: int
attributes:
  check_mode:
    support: full
    description: It only looks, and fetches no lists.
seealso:
  - module: groundwork.fleet.packages
  - module: groundwork.fleet.patch_run
"""

EXAMPLES = r"""
- name: See what is pending
  groundwork.fleet.patch_status:
    refresh: 3600
  register: status

- name: Security upgrades are in
  ansible.builtin.assert:
    that: status.security | length == 0
    fail_msg: "pending: {{ status.security | join(', ') }}"
"""

RETURN = r"""
pending:
  description: The upgrades that the package lists offer, those of held packages too.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: The package., type: str, returned: always}
    before: {description: The version on the host., type: str, returned: always}
    after: {description: The version that is offered., type: str, returned: always}
    origin: {description: "Where it comes from, as apt says it.", type: str, returned: always}
    security: {description: Whether that is a suite for security., type: bool, returned: always}
    kept:
      description: Why an upgrade leaves it out, V(held), or V(kept back) where it needs a removal or waits for its phase; else empty.
      type: str
      returned: always
  sample:
    - {name: openssl, before: 3.0.15-1, after: 3.0.17-1, origin: "Debian-Security:12/stable-security [amd64]", security: true, kept: ""}
security:
  description: The names of the pending security upgrades.
  returned: success
  type: list
  elements: str
held:
  description: The held packages, name to version.
  returned: success
  type: dict
obsolete:
  description: What is installed and in no repository, name to version. Empty without package lists.
  returned: success
  type: dict
reboot:
  description: C(needed), and the C(reasons).
  returned: success
  type: dict
  sample: {needed: true, reasons: ["kernel 6.1.0-28-amd64 is installed, 6.1.0-25-amd64 runs"]}
processes:
  description:
    - What runs a program or a library that was replaced, by unit. C(unit), C(programs), C(processes) (how many), C(files) (at most five)
      and C(restart), whether a restart of the unit mends it.
  returned: success
  type: list
  elements: dict
lists:
  description:
    - C(refreshed), when the package lists were fetched, in seconds since 1970, and C(age) in seconds. Both null without lists.
  returned: success
  type: dict
dpkg:
  description:
    - C(interrupted), whether C(dpkg) has to be repaired, the C(packages) that it left half way, and the C(problem) that keeps apt from
      telling what is pending.
  returned: success
  type: dict
repository_keys:
  description:
    - When the last key that signed a repository ends. C(repository), C(key), C(expires) (seconds since 1970, null for never).
  returned: success
  type: list
  elements: dict
refreshed:
  description: Whether the package lists were fetched. That is no change.
  returned: success
  type: bool
unfinished:
  description:
    - The run of M(groundwork.fleet.patch_run) that has begun and not ended, with C(begun) (when, UTC), C(health) (what it noted) and
      C(rebooted), whether the reboot that it noted has come and no package has changed since. Null without one.
  returned: success
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import patch_status


def main() -> None:
    standalone(AnsibleModule, patch_status)


if __name__ == "__main__":
    main()
