# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Health as the text format of Prometheus."""

from __future__ import annotations

DOCUMENTATION = r"""
name: to_textfile
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Health as the text format of Prometheus
description:
  - Of one host they are the metrics that C(groundwork-health --textfile) writes, of a fleet counts by host and by check.
extends_documentation_fragment:
  - groundwork.fleet.inputs.health
"""

EXAMPLES = r"""
- name: Look at the host
  groundwork.fleet.health_check:
    checks: {ssh: {tcp: {port: 22}}}
    fail: false
  register: looked

- name: Show it
  ansible.builtin.debug:
    msg: "{{ looked | groundwork.fleet.to_textfile }}"
"""

RETURN = r"""
_value:
  description: The metrics.
  type: str
"""

import datetime
from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import health_report
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing


@refusing
def to_textfile(results: Any) -> str:
    """Return the text."""
    return health_report.as_format(results, "textfile", datetime.datetime.now(datetime.UTC))


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"to_textfile": to_textfile}
