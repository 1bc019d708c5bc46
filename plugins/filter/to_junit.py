# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Health as JUnit XML."""

from __future__ import annotations

DOCUMENTATION = r"""
name: to_junit
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Health as JUnit XML
description:
  - A suite for each host, a case for each check. A host without an answer is an error.
extends_documentation_fragment:
  - groundwork.fleet.inputs.health
options:
  title:
    description: The title of the report.
    type: str
    default: Health
"""

EXAMPLES = r"""
- name: Look at the host
  groundwork.fleet.health_check:
    checks: {ssh: {tcp: {port: 22}}}
    fail: false
  register: looked

- name: Show it
  ansible.builtin.debug:
    msg: "{{ looked | groundwork.fleet.to_junit }}"
"""

RETURN = r"""
_value:
  description: The document.
  type: str
"""

import datetime
from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import health_report
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing


@refusing
def to_junit(results: Any, title: str = "Health") -> str:
    """Return the text."""
    return health_report.as_format(results, "junit", datetime.datetime.now(datetime.UTC), title)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"to_junit": to_junit}
