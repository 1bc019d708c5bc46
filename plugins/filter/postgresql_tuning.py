# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of PostgreSQL by the memory of its host."""

from __future__ import annotations

DOCUMENTATION = r"""
name: postgresql_tuning
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Settings of PostgreSQL by the memory of its host
description:
  - Gives C(shared_buffers), C(effective_cache_size), C(work_mem), C(maintenance_work_mem), C(max_wal_size), C(max_connections) and
    C(random_page_cost) as the documentation of PostgreSQL recommends them for this much memory.
positional: _input, connections, storage
options:
  _input:
    description: How much memory the server may use, in MB.
    type: int
    required: true
  connections:
    description: How many connections it takes.
    type: int
    default: 100
  storage:
    description: Where its data lies.
    type: str
    choices: [ssd, disk]
    default: ssd
"""

EXAMPLES = r"""
# {'shared_buffers': '2048MB', 'effective_cache_size': '6144MB', …}
- name: Show the settings of a host with 8 GB
  ansible.builtin.debug:
    msg: "{{ 8192 | groundwork.fleet.postgresql_tuning }}"
"""

RETURN = r"""
_value:
  description: Name to value.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import postgresql_settings
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing


@refusing
def postgresql_tuning(memory_mb: Any, connections: int = 100, storage: str = "ssd") -> dict[str, str]:
    """Return the settings."""
    return postgresql_settings.tuned(int(memory_mb), int(connections), storage)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"postgresql_tuning": postgresql_tuning}
