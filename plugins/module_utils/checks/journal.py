# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal holds few errors of late."""

from __future__ import annotations

import dataclasses
import re
from typing import List, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, at_most, option, program_output

_MOST = 10000
_PRIORITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")


@dataclasses.dataclass
class Options:
    """Options of a journal check."""

    since: float = option("how far to look back", 600.0)
    unit: Optional[str] = option("the unit whose lines count, by default all", None)
    priority: str = option("which lines count: those of this priority and worse (err, warning)", "err")
    pattern: Optional[str] = option("a regular expression that is found in the lines that count", None)
    count: int = option("how many there may be", 0, expects=at_most)


def problem(options: Options) -> str:
    """Demand a priority that exists, and an expression that compiles."""
    if options.priority not in _PRIORITIES:
        return "`priority` is one of %s." % ", ".join(_PRIORITIES)
    try:
        re.compile(options.pattern or "")
    except re.error as error:
        return "The expression of `pattern` does not compile: %s." % error
    return ""


def observe(options: Options, deadline: Deadline) -> Observation:
    """Ask journald."""
    command = ["journalctl", "--no-pager", "--quiet", "-o", "cat", "-n", str(_MOST), "-p", options.priority]
    command.append("--since=-%ds" % int(options.since))
    if options.unit:
        command += ["-u", options.unit]
    answer = program_output(command, deadline.left())
    lines: List[str] = [line for line in answer.splitlines() if line.strip() and re.search(options.pattern or "", line)]
    return Observation({"count": len(lines)}, detail=lambda: "\n".join(lines[-5:]))
