# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""apt has a setting in effect, whichever of its files sets it."""

from __future__ import annotations

import dataclasses
import re
import shutil
from typing import Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, Relation, one_of, option, shared_output

TRUE = ("1", "yes", "true", "with", "on", "enable")
FALSE = ("0", "no", "false", "without", "off", "disable")
none_of = Relation("other than", lambda observed, wanted: observed not in wanted)


@dataclasses.dataclass
class Options:
    """Options of an apt_setting check."""

    name: str = option("the setting's name, as in apt.conf(5): APT::Get::AllowUnauthenticated")
    value: Optional[Sequence[str]] = option(
        "its value, or a list of accepted ones; 1 and 0 stand for all words of their kind", None, expects=one_of
    )
    forbidden: Optional[Sequence[str]] = option("values that it must not have; unset is in order", None, expects=none_of, fact="value")


def observe(options: Options, deadline: Deadline) -> Observation:
    """Ask apt-config for all of its settings, once."""
    if not shutil.which("apt-config"):
        return Observation({}, not_applicable="apt is not installed")
    found = ""
    for line in shared_output(["apt-config", "dump"], deadline.left()).splitlines():
        match = re.match(r'^(\S+) "(.*)";$', line)
        if match and match.group(1).lower() == options.name.lower():
            found = match.group(2)
    value = "1" if found.lower() in TRUE else "0" if found.lower() in FALSE else found
    return Observation({"value": value}, note=options.name)
