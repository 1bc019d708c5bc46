# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins as web servers keep them."""

from __future__ import annotations

DOCUMENTATION = r"""
name: basic_auth_users
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Logins as the web configuration of Prometheus' exporters keeps them
description:
  - Hashes the passwords by bcrypt. The salts follow from the logins, so the same login is the same text in each run.
  - Needs the Python package C(bcrypt) where ansible-playbook runs.
positional: _input
options:
  _input:
    description: A text with C(USER:PASSWORD) in each line, what C(secret://…?generate=login&users=…&rotation=accepted) stands for.
    type: str
    required: true
"""

EXAMPLES = r"""
# web.yml.j2
# basic_auth_users: {{ logins | groundwork.fleet.basic_auth_users | to_json }}
- name: Let the logins in
  groundwork.fleet.files:
    files:
      /etc/orders-exporter/web.yml: {template: web.yml.j2, vars: {logins: "secret://production/scrape?rotation=accepted"}, mode: "0640"}
"""

RETURN = r"""
_value:
  description: User to hash.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import basic_auth
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing


@refusing
def basic_auth_users(logins: Any) -> dict[str, str]:
    """Return user to hash."""
    return basic_auth.users(logins)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"basic_auth_users": basic_auth_users}
