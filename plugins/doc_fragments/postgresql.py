# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How modules name a server of PostgreSQL."""

from __future__ import annotations


class ModuleDocFragment:
    """The fragments of this file."""

    DOCUMENTATION = r"""
options:
  version:
    description: The major version of the server.
    type: str
    required: true
  cluster:
    description: The name of the cluster.
    type: str
    default: main
  port:
    description: The port of its socket.
    type: int
    default: 5432
"""
