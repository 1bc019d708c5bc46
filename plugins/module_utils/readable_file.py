# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of the programs on a host that others read while they are written anew."""

from __future__ import annotations

import os


def write(path: str, text: str) -> None:
    """Replace a file at once, readable for all: its readers see the old one or the new one. Raises OSError."""
    partial = "%s.%d" % (path, os.getpid())
    with open(partial, "w", encoding="utf-8") as stream:
        stream.write(text)
    os.chmod(partial, 0o644)
    os.rename(partial, path)
