#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs health checks on the host; see module_utils/health.py."""

from __future__ import annotations

DOCUMENTATION = r"""
module: health_check
short_description: Find out whether a host serves what it should
version_added: 0.1.0
description:
  - Runs all checks at the same time. Each has its own deadline, and one that hangs does not hold up another.
  - Changes nothing, and so runs in check mode too.
  - The task fails with one message that names each failed check with what was expected and what was observed.
  - A check type is one file in C(plugins/module_utils/checks/); a new file there adds a type.
author:
  - groundwork.fleet contributors (@groundwork-fleet)
options:
  checks:
    description:
      - The checks by name. Each has exactly one check type with its options, and may have
        C(retries) (further attempts after a failed one, default 0), C(delay) (seconds between attempts, default 1),
        C(timeout) (seconds for one attempt, default 10) and C(stable_for) (how long it has to hold; a service that was
        restarted in between does not).
      - C(tcp) takes C(port), C(host) (C(127.0.0.1)) and C(open) (C(true)).
      - C(http) takes C(url), C(method), C(status) (one or a list, C(200)), C(contains), C(timeout), and the paths on the host
        C(ca), C(certificate) and C(key). A redirection is not followed.
      - C(systemd_unit) takes C(name), C(state) (one or a list, C(active)) and C(enabled). Its last journal lines are part of the message.
      - C(file) takes C(path), C(exists), C(mode), C(owner), C(group) and C(contains). Its content is never shown.
      - C(connection) takes C(host), C(port) and C(established) (C(true)), whether the host holds a connection to there.
      - C(process) takes C(name), C(minimum) (C(1)) and C(maximum).
      - Durations are seconds or texts like C(500ms), C(10s), C(2m).
    type: dict
    required: true
  timeout:
    description: How long all checks together may take, with their retries.
    type: str
    default: 60s
  fail:
    description: Whether a failed check fails the task. With V(false) it is only reported.
    type: bool
    default: true
  sources:
    description: Filled in by the action plugin, the source of the check types used. Not for playbooks.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: The shop answers
  groundwork.fleet.health_check:
    checks:
      page: {http: {url: "http://127.0.0.1/", status: [200, 204]}, retries: 5, delay: 1}
      ssh: {tcp: {port: 22}}
      unit: {systemd_unit: {name: nginx.service}, stable_for: 10s}
      settings: {file: {path: /etc/nginx/nginx.conf, mode: "0644"}}

- name: Only look
  groundwork.fleet.health_check:
    checks:
      workers: {process: {name: nginx, minimum: 2}}
    fail: false
  register: looked
"""

RETURN = r"""
checks:
  description: One result for each check, by name.
  returned: always
  type: dict
  contains:
    status:
      description: V(ok) or V(failed).
      type: str
      returned: always
    type:
      description: The check's type.
      type: str
      returned: always
    observed:
      description: What was found, by fact.
      type: dict
      returned: always
    expected:
      description: What was asked for, by fact.
      type: dict
      returned: always
    message:
      description: Why the check failed, empty when it did not.
      type: str
      returned: always
    attempts:
      description: How many attempts it took.
      type: int
      returned: always
    seconds:
      description: How long it took.
      type: float
      returned: always
failed_checks:
  description: The names of the checks that failed.
  returned: always
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import health_check


def main() -> None:
    standalone(AnsibleModule, health_check)


if __name__ == "__main__":
    main()
