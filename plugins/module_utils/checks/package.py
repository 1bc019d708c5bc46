# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A package is installed, or is not."""

from __future__ import annotations

import dataclasses
import shutil
from typing import Any, Dict, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, equal, option, shared_output

# ${db:Status-Status}: "installed", "config-files" where only its configuration is left; see dpkg-query(1).
DPKG = ("dpkg-query", "-W", "-f", "${Package}\t${Version}\t${db:Status-Status}\n")
RPM = ("rpm", "-qa", "--qf", "%{NAME}\t%{VERSION}-%{RELEASE}\tinstalled\n")


@dataclasses.dataclass
class Options:
    """Options of a package check."""

    name: str = option("the package's name")
    installed: bool = option("whether it has to be installed", True, expects=equal, presence=True)
    version: Optional[str] = option("its version", None, expects=equal, unit="version")


def observe(options: Options, deadline: Deadline) -> Observation:
    """Look it up among all packages of the host, which are asked for once."""
    command = next((command for command in (DPKG, RPM) if shutil.which(command[0])), None)
    if command is None:
        return Observation({}, not_applicable="neither dpkg nor rpm is installed")
    facts: Dict[str, Any] = {"installed": False}
    for line in shared_output(command, deadline.left()).splitlines():
        name, _tab, rest = line.partition("\t")
        if name == options.name and rest.endswith("\tinstalled"):
            facts = {"installed": True, "version": rest.rpartition("\t")[0]}
    return Observation(facts)
