# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module of the kernel cannot be loaded, or is loaded."""

from __future__ import annotations

import dataclasses
import os
import shutil
from typing import Dict, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, equal, option, program_output

MODULES = "/proc/modules"
PATH = "/usr/sbin:/sbin:/usr/bin:/bin"


@dataclasses.dataclass
class Options:
    """Options of a kernel_module check."""

    name: str = option("the module's name")
    blocked: Optional[bool] = option("whether modprobe refuses to load it", None, expects=equal)
    loaded: Optional[bool] = option("whether the kernel has it", None, expects=equal)


def _loaded(name: str) -> bool:
    try:
        with open(MODULES, encoding="utf-8") as stream:
            return any(line.split(" ", 1)[0] == name.replace("-", "_") for line in stream)
    except FileNotFoundError:  # a kernel that is all of one piece
        return False


def observe(options: Options, deadline: Deadline) -> Observation:
    """Ask modprobe what it would do, without doing it, and the kernel what it has."""
    facts: Dict[str, bool] = {"loaded": _loaded(options.name)}
    if options.blocked is None:
        return Observation(facts)
    program = shutil.which("modprobe", path=os.pathsep.join([os.environ.get("PATH", ""), PATH]))
    if program is None:
        return Observation(facts, not_applicable="modprobe is not installed")
    told = program_output([program, "--dry-run", "--verbose", "--show-depends", options.name], deadline.left())
    lines = [line.split() for line in told.splitlines() if line.strip()]
    facts["blocked"] = (
        bool(lines) and lines[-1][:1] == ["install"] and lines[-1][1:2] in (["/bin/false"], ["/bin/true"], ["/usr/bin/false"])
    )
    return Observation(facts, note=" ".join(told.split()))
