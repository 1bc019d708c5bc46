# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start a service and take its program away, as an upgrade does; then have the status told."""

from __future__ import annotations

import os
import shutil
import subprocess

PROGRAM = "/usr/local/bin/groundwork-replaced"

shutil.copy2("/bin/sleep", PROGRAM)
subprocess.run(["systemd-run", "--unit=groundwork-replaced", "--property=Type=exec", PROGRAM, "infinity"], check=True)
os.unlink(PROGRAM)
subprocess.run(["systemctl", "start", "groundwork-patch-status.service"], check=True)
