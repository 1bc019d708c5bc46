# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a host waits for a reboot, and why, and which boot this is."""

from __future__ import annotations

import os
import re
from typing import Any, List, Sequence, Tuple

#: Debian's and Ubuntu's packages write it (update-notifier-common, and the kernel hook /etc/kernel/postinst.d/unattended-upgrades).
FLAGS = ("/run/reboot-required", "/var/run/reboot-required")
BOOT = "/boot"
BOOT_ID = "/proc/sys/kernel/random/boot_id"
INIT = "/proc/1/stat"


def current(boot_id: str = BOOT_ID, init: str = INIT) -> str:
    """Return what no two boots of a host have in common; empty where it cannot be told.

    The kernel's boot id (random(4)), and when process 1 began, in ticks since the kernel started (proc(5), field 22 of stat): a container
    keeps the boot id of its machine, and its process 1 is another one after each of its reboots.
    """
    try:
        with open(boot_id, encoding="ascii") as file:
            number = file.read().strip()
        with open(init, encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()  # the name of a program may have spaces
        return "%s %s" % (number, fields[19])
    except (OSError, IndexError):
        return ""


def order(version: str) -> Tuple[Any, ...]:
    """Return what orders the versions of kernels."""
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.findall(r"\d+|[a-z]+", version))


def packages(flags: Sequence[str]) -> List[str]:
    """Return the packages that asked for a reboot, from reboot-required.pkgs beside the flag: one name in each line."""
    for flag in flags:
        try:
            with open(flag + ".pkgs", encoding="utf-8", errors="replace") as file:
                return list(dict.fromkeys(line.strip() for line in file if line.strip()))
        except OSError:
            continue
    return []


def reasons(running: str, boot: str = BOOT, flags: Sequence[str] = FLAGS) -> List[str]:
    """Return why a reboot is due: a package asked for it, or a newer kernel of the same kind is installed.

    running: the release of the kernel that runs (uname -r). boot: where vmlinuz-RELEASE of installed kernels lie.
    """
    found = []
    if any(os.path.exists(path) for path in flags):
        asked = packages(flags)
        found.append("asked for by %s" % ", ".join(asked) if asked else "a package asks for it")
    try:
        kernels = [name[len("vmlinuz-") :] for name in os.listdir(boot) if name.startswith("vmlinuz-") and "rescue" not in name]
    except OSError:
        return found
    if running in kernels:  # otherwise it runs the kernel of somebody else: a container
        newest = max(kernels, key=order)
        if newest != running:
            found.append("kernel %s is installed, %s runs" % (newest, running))
    return found
