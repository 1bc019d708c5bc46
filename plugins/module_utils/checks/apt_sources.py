# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No repository of apt is trusted without a signature."""

from __future__ import annotations

import dataclasses
import glob
import os
import re
from typing import Iterator

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, equal, option

ETC = "/etc/apt"
WEAK = re.compile(r"\b(trusted|allow-insecure|allow-weak|allow-downgrade-to-insecure)\s*[=:]\s*(yes|true|1)\b", re.IGNORECASE)


@dataclasses.dataclass
class Options:
    """Options of an apt_sources check."""

    unsigned: int = option("how many sources may be used without a valid signature", 0, expects=equal)


def _weak() -> Iterator[str]:
    for path in [os.path.join(ETC, "sources.list"), *sorted(glob.glob(os.path.join(ETC, "sources.list.d", "*")))]:
        try:
            with open(path, encoding="utf-8", errors="replace") as stream:
                lines = [line for line in stream if not line.lstrip().startswith("#")]
        except OSError:
            continue
        for line in lines:
            found = WEAK.search(line)
            if found:
                yield "%s: %s" % (path, found.group(0))


def observe(_options: Options, _deadline: Deadline) -> Observation:
    """Read the lists of sources, both forms of sources.list(5)."""
    if not os.path.isdir(ETC):
        return Observation({}, not_applicable="apt is not installed")
    weak = list(_weak())
    return Observation({"unsigned": len(weak)}, note=", ".join(weak))
