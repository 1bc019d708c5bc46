# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What gives file systems their options again at each boot, whatever mounted them: fstab, a generator or the kernel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# The first service that runs after all local file systems are mounted, in the host's own mount namespace.
UNIT = "systemd-tmpfiles-setup.service"


def text(mounts: Mapping[str, Any]) -> str:
    """Return the drop-in of UNIT. mounts: path to a mapping with `options`. A path that is no file system of its own is no error."""
    wanted = {path: value["options"] for path, value in sorted(mounts.items()) if value}
    return "[Service]\n" + "".join(f"ExecStartPost=-mount -o remount,{','.join(options)} {path}\n" for path, options in wanted.items())
