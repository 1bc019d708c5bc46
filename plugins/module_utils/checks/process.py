# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes of a name run."""

from __future__ import annotations

import dataclasses
import os
from typing import Optional

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, at_least, at_most, option


@dataclasses.dataclass
class Options:
    """Options of a process check."""

    name: str = option("the name of the program's file, without its folder")
    minimum: int = option("how many have to run", 1, expects=at_least, fact="count")
    maximum: Optional[int] = option("how many may run", None, expects=at_most, fact="count")


def _name(number: str) -> str:
    try:
        with open("/proc/%s/cmdline" % number, "rb") as stream:
            first = stream.read(4096).split(b"\0")[0].decode("utf-8", "replace")
    except OSError:  # it has ended meanwhile
        return ""
    return os.path.basename(first.split(" ")[0].rstrip(":"))


def observe(options: Options, _deadline: Deadline) -> Observation:
    """Count the processes whose command has the name."""
    numbers = [number for number in os.listdir("/proc") if number.isdigit() and _name(number) == options.name]
    return Observation({"count": len(numbers)}, identity=" ".join(sorted(numbers)))
