# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: health_summary
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: What the health checks of one or many hosts came to
description:
  - Counts what M(groundwork.fleet.health_check) found and names what is wrong, the worst first.
  - A host whose answer holds no checks (it was unreachable, or failed before them) counts as one failed check.
extends_documentation_fragment:
  - groundwork.fleet.inputs.health
"""

EXAMPLES = r"""
- name: Look at the host
  groundwork.fleet.health_check:
    checks: {ssh: {tcp: {port: 22}}}
    fail: false
  register: looked

- name: Say what is wrong
  ansible.builtin.debug:
    msg: "{{ (looked | groundwork.fleet.health_summary).problems }}"
"""

RETURN = r"""
_value:
  description: The summary.
  type: dict
  contains:
    healthy:
      description: Whether no check failed. A warning is healthy, nothing checked is not.
      type: bool
    checks:
      description: How many checks there are.
      type: int
    counts:
      description: How many checks ended in each status.
      type: dict
    hosts:
      description: The names of the hosts; empty for a single answer.
      type: list
      elements: str
    ill_hosts:
      description: The hosts on which a check failed.
      type: list
      elements: str
    problems:
      description: What failed or warned, the worst first, each with C(host), C(check), C(type), C(status) and C(message).
      type: list
      elements: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import health_results
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing


@refusing
def health_summary(results: Any) -> dict[str, Any]:
    """Return the summary of one answer or of a fleet's."""
    return health_results.summary(results)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"health_summary": health_summary}
