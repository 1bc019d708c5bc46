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
  - The task fails with one message that names each failed check with what was expected and what was observed, root causes first.
  - Everything that is declared is judged on the controller, before the host is asked.
  - A check type is one file in C(plugins/module_utils/checks/); a new file there adds a type.
    C(docs/health.md) lists the types with their options.
author:
  - groundwork.fleet contributors (@groundwork-fleet)
options:
  checks:
    description:
      - The checks by name. Each has exactly one check type with its options (C(docs/health.md)), and may have the settings that follow.
      - C(retries), further attempts after a failed one (default 0), C(delay), seconds between attempts (default 1), C(timeout), seconds for
        one attempt (default 10).
      - C(passes), how many looks in a row have to be good (default 1), and C(stable_for), for how long it has to hold; a service that was
        restarted in between does not.
      - C(warn), expectations that make the check end V(warning) where they are not met, while those of the options make it end V(failed).
      - C(requires), names of checks without which this one says nothing. Where one of them has failed it is skipped.
      - An option that expects something takes a plain value, or a mapping of matchers that all have to hold, C(equals), C(not), C(any) and
        C(all) (of a list), C(at_least), C(at_most), C(more_than), C(less_than), C(between) (two numbers), C(older_than), C(newer_than),
        C(matches) (a regular expression), C(contains) (one or several), C(length).
      - Durations are seconds or texts like C(500ms), C(10s), C(2m), C(1h), C(7d); sizes are bytes or texts like C(100MB), C(10GiB).
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
  before:
    description:
      - The RV(checks) of an earlier run. A check that had failed then too does not fail the task; it ends V(warning) and says so.
    type: dict
  compare:
    description:
      - V(before) demands such a comparison. Without O(before) it is made with the M(groundwork.fleet.health_check) step that stands before
        this one in the same list of M(groundwork.fleet.converge).
    type: str
    choices: [before]
  maintenance:
    description:
      - Windows in which a failed check does not fail the task; it ends V(warning) and says why.
      - C(from) and C(until) are moments (C(2026-01-31T22:00Z), without a zone UTC), or both times of day (C("22:00")) for each day, in UTC.
        C(reason) says why, C(checks) names the checks or patterns of names, by default all.
    type: list
    elements: dict
    default: []
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

- name: A change may not make anything worse
  groundwork.fleet.health_check:
    checks:
      database: {postgresql: {user: shop, password_file: /etc/shop/db.password}}
      api:
        http:
          url: https://api.example.com/status
          status: {between: [200, 299]}
          json: {queue.length: {at_most: 1000}}
        warn: {json: {queue.length: {less_than: 100}}, milliseconds: 500}
        requires: database
        passes: 3
    before: "{{ looked.checks }}"
    maintenance: [{from: "22:00", until: "23:00", checks: [database], reason: nightly vacuum}]

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
      description:
        - V(ok), V(failed), V(warning) (it does not meet C(warn), or its failure does not count), V(skipped) (it hangs on a failed one) or
          V(not_applicable) (this host cannot have it).
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
    measured:
      description: The numbers among the facts, by fact.
      type: dict
      returned: always
    limits:
      description: Lowest and highest number, for C(warning) and C(critical), of the facts that have to be in a range.
      type: dict
      returned: always
    message:
      description: Why the check did not pass, empty when it did.
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
    root:
      description: The failed check on which this one hangs.
      type: str
      returned: when it was skipped
    excused:
      description: Why its failure does not count.
      type: str
      returned: when it had failed before too, or in a maintenance window
failed_checks:
  description: The names of the checks that failed.
  returned: always
  type: list
  elements: str
warning_checks:
  description: The names of the checks that ended with a warning.
  returned: always
  type: list
  elements: str
skipped_checks:
  description: The names of the checks that hang on a failed one.
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
