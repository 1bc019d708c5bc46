# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `inventory_dir` says."""

from __future__ import annotations


def inventory_directory(given: object) -> str | None:
    """Return the directory of the inventory, None where there is none.

    given: the value of `inventory_dir`. With `-i host,` it is None, and the text "None" once it went through a template.
    """
    return None if given in (None, "", "None") else str(given)
