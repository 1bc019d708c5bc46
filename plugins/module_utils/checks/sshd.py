# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""sshd does what is asked of it: its effective configuration, as `sshd -T` says it, whichever file that comes from."""

from __future__ import annotations

import dataclasses
import re
import shutil
from typing import List, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, Relation, shared_output
from ansible_collections.groundwork.fleet.plugins.module_utils.health import option as declared  # `option` is one of its options

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"^(?:\d+[smhdw])+$", re.IGNORECASE)
_SYNONYMS = {"without-password": "prohibit-password"}


def _words(values: Sequence[str]) -> List[str]:
    """Return values as `sshd -T` prints them: one word each, durations in seconds, one name for each meaning."""
    found = []
    for word in " ".join(values).replace(",", " ").split():
        if _DURATION.match(word):
            word = str(sum(int(number) * _SECONDS[unit.lower()] for number, unit in re.findall(r"(\d+)([a-zA-Z])", word)))
        found.append(_SYNONYMS.get(word.lower(), word))
    return found


def _number(values: Sequence[str]) -> int:
    words = _words(values)
    return int(words[0]) if words and words[0].isdigit() else -1


_is = Relation("", lambda observed, wanted: observed == _words(wanted))
_only = Relation("nothing but", lambda observed, wanted: bool(observed) and set(observed) <= set(_words(wanted)))
_includes = Relation("including", lambda observed, wanted: set(_words(wanted)) <= set(observed))
_at_least = Relation("at least", lambda observed, wanted: _number(observed) >= wanted)
_at_most = Relation("at most", lambda observed, wanted: 0 <= _number(observed) <= wanted)


@dataclasses.dataclass
class Options:
    """Options of a sshd check."""

    option: str = declared("the option's name, as in sshd_config(5)")
    value: Optional[Sequence[str]] = declared("its value as sshd_config has it, or a list in this order", None, expects=_is)
    only: Optional[Sequence[str]] = declared("all that its value may list, in any order", None, expects=_only, fact="value")
    includes: Optional[Sequence[str]] = declared("what its value lists among others", None, expects=_includes, fact="value")
    at_least: Optional[int] = declared("the smallest number allowed; durations in seconds", None, expects=_at_least, fact="value")
    at_most: Optional[int] = declared("the largest number allowed; durations in seconds", None, expects=_at_most, fact="value")


def observe(options: Options, deadline: Deadline) -> Observation:
    """Ask sshd, once for all checks."""
    program = shutil.which("sshd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if program is None:
        return Observation({}, not_applicable="sshd is not installed")
    answer = shared_output([program, "-T"], deadline.left())
    lines = [line.partition(" ")[::2] for line in answer.splitlines()]
    if not any(name == "port" for name, _value in lines):
        return Observation({}, note=answer.strip())
    found = [value.replace('"', "") for name, value in lines if name == options.option.lower()]
    return Observation({"value": _words(found)} if found else {}, note="" if found else "this sshd does not know the option")
