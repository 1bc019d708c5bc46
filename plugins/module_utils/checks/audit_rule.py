# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's audit has rules loaded."""

from __future__ import annotations

import dataclasses
import re
import shutil
from typing import Sequence, Set

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, Relation, option, shared_output

all_of = Relation("with all of", lambda observed, wanted: set(wanted) <= set(observed))


@dataclasses.dataclass
class Options:
    """Options of an audit_rule check."""

    keys: Sequence[str] = option("keys of rules, each of which has at least one rule", expects=all_of)


def _keys(text: str) -> Set[str]:
    return set(re.findall(r"(?:-k |-F key=)(\S+)", text))


def observe(options: Options, deadline: Deadline) -> Observation:
    """Ask the kernel by auditctl(8). It lets nobody ask in a container."""
    if not shutil.which("auditctl"):
        return Observation({}, not_applicable="auditctl is not installed")
    told = shared_output(["auditctl", "-l"], deadline.left())
    if re.search(r"permitted|refused|not supported|support not in kernel", told):
        return Observation({}, not_applicable="container")
    return Observation({"keys": sorted(_keys(told))}, note="%d rules" % len(re.findall(r"^-", told, re.MULTILINE)))
