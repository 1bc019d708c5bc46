# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: healthy
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Whether no health check failed
description:
  - Judges what M(groundwork.fleet.health_check) found, on one host or on many.
  - A skipped check and one that does not apply to the host are no failures.
  - An answer without any check is not healthy, nor is a host without an answer.
options:
  _input:
    description: A registered answer of M(groundwork.fleet.health_check), or a mapping of host names to such answers.
    type: dict
    required: true
  warnings:
    description: Whether a warning still counts as healthy.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Look at the host
  groundwork.fleet.health_check:
    checks: {ssh: {tcp: {port: 22}}}
    fail: false
  register: looked

- name: Go on only where all is well, without a warning
  ansible.builtin.assert:
    that: looked is groundwork.fleet.healthy(warnings=false)
"""

RETURN = r"""
_value:
  description: Whether it is healthy.
  type: bool
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import health_results


def healthy(results: Any, warnings: bool = True) -> bool:
    """Return whether no check failed."""
    try:
        return health_results.is_healthy(results, warnings)
    except BadInput as error:
        raise AnsibleFilterError(str(error)) from error


class TestModule:
    """The test of this file."""

    __test__ = False  # pytest takes its name for one of its own

    def tests(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"healthy": healthy}
