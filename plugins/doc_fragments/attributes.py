# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What check and diff mode of modules do, and where they run."""

from __future__ import annotations


class ModuleDocFragment:
    """The fragments of this file."""

    CONTROLLER = r"""
attributes:
  platform:
    description: Any that Ansible reaches.
    platforms: posix
    support: full
  action:
    description: Runs on the controller.
    support: full
"""

    READS = r"""
attributes:
  check_mode:
    description: Only reads.
    support: full
  diff_mode:
    description: Changes nothing.
    support: none
"""

    EXACT = r"""
attributes:
  check_mode:
    description: Predicts the change exactly.
    support: full
"""

    PREDICTED = r"""
attributes:
  check_mode:
    description: Predicts the change.
    support: full
  diff_mode:
    description: Says what would be done.
    support: full
"""

    COMPARED = r"""
attributes:
  diff_mode:
    description: Shows what is, and what will be.
    support: full
"""

    NO_DIFF = r"""
attributes:
  diff_mode:
    description: There is nothing to show.
    support: none
"""
