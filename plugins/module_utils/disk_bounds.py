# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what may be written fits on the file system that it is written to."""

from __future__ import annotations

import os
from typing import Optional

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input


def size(folder: str) -> int:
    """Return how many bytes the file system has on which a folder is, or will be. Raises OSError."""
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    status = os.statvfs(folder)
    return status.f_blocks * status.f_frsize


def refusal(variable: str, value: object, wanted: int, folder: str, whole: int) -> Optional[str]:
    """Return why so much must not be written, None where it may.

    variable, value: what was declared. wanted: that in bytes. folder: where it is written. whole: bytes of its file system.
    """
    if wanted < whole:
        return None
    expected = "less than the %d bytes of the file system of %s" % (whole, folder)
    return str(bad_input(variable, value, expected, "Write a smaller size, or auto."))
