# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""sudo has a default in effect for everybody: /etc/sudoers with what it includes, as cvtsudoers of sudo itself reads it."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
from typing import Any, Dict, List, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils.health import (
    Deadline,
    Observation,
    Relation,
    equal,
    one_of,
    option,
    shared_output,
)

_most = Relation("at most", lambda observed, wanted: 0 <= observed <= wanted)


@dataclasses.dataclass
class Options:
    """Options of a sudo_defaults check."""

    name: Optional[str] = option("the option's name, as in sudoers(5)", None)
    enabled: Optional[bool] = option("whether a switch is on; one that is not set counts as off", None, expects=equal)
    value: Optional[Sequence[str]] = option("its value, or a list of accepted ones", None, expects=one_of)
    at_most: Optional[int] = option("the largest number allowed; below 0 is none", None, expects=_most, fact="number")
    without_password: Optional[Sequence[str]] = option(
        "the users and %groups that may have a rule without a password",
        None,
        expects=Relation("none but", lambda observed, wanted: set(observed) <= set(wanted)),
    )
    path: str = option("the file", "/etc/sudoers")


def _defaults(policy: Dict[str, Any]) -> Dict[str, Any]:
    """Return the defaults that hold for everybody on every host; the last one wins."""
    found: Dict[str, Any] = {}
    for entry in policy.get("Defaults", []):
        if not entry.get("Binding"):
            for known in entry.get("Options", []):
                found.update((name, value) for name, value in known.items() if name != "operation")
    return found


def _without_password(policy: Dict[str, Any]) -> List[str]:
    found = []
    for rule in policy.get("User_Specs", []):
        switches = [known for spec in rule.get("Cmnd_Specs", []) for known in spec.get("Options", [])]
        if any(known.get("authenticate") is False for known in switches):
            found += [user.get("username") or "%%%s" % user.get("usergroup", user) for user in rule.get("User_List", [])]
    return found


def observe(options: Options, deadline: Deadline) -> Observation:
    """Ask cvtsudoers, once for all checks."""
    program = shutil.which("cvtsudoers", path="/usr/bin:/bin:/usr/sbin:/sbin")
    if program is None or not os.path.exists(options.path):
        return Observation({}, not_applicable="sudo is not installed")
    answer = shared_output([program, "-f", "json", options.path], deadline.left())
    try:
        policy: Dict[str, Any] = json.loads(answer)
    except ValueError:
        return Observation({}, note=answer.strip())
    facts: Dict[str, Any] = {"without_password": _without_password(policy)}
    if options.name is not None:
        value = _defaults(policy).get(options.name)
        facts["enabled"] = value not in (None, False)
        if value is not None:
            facts["value"] = str(value)
            with contextlib.suppress(ValueError):  # cvtsudoers writes numbers as texts, minutes with fractions too
                facts["number"] = float(value)
    return Observation(facts, note="" if options.name is None or "value" in facts else "it is not set")
