# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules that `converge` runs as steps have in common."""

from __future__ import annotations


class ModuleDocFragment:
    """The fragments of this file."""

    DOCUMENTATION = r"""
options:
  run:
    description: Filled in by M(groundwork.fleet.converge), the name of the run.
    type: str
    default: ""
"""

    OWNED = r"""
options:
  owner:
    description: Who asks, usually the role. Every owner has its own memory.
    type: str
    required: true
"""

    JOURNAL = r"""
options:
  change:
    description: The change of the journal to which what is done belongs. Without it this is a change of its own.
    type: str
    default: ""
"""

    LOCK = r"""
options:
  lock_timeout:
    description: How long to wait for a lock that another program holds, in seconds.
    type: int
    default: 300
"""
