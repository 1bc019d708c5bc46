# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a program stands on this host."""

from __future__ import annotations

import os
import shutil
from typing import Optional

SYSTEM_DIRECTORIES = ("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin")


def located(name: str) -> Optional[str]:
    """Return the path of a program given by name or absolute path, None where the host does not have it."""
    search = os.pathsep.join([os.environ.get("PATH", ""), *SYSTEM_DIRECTORIES])
    return shutil.which(name, path=search)
