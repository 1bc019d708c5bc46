# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of names and values has a setting."""

from __future__ import annotations

import dataclasses
import re
from typing import Dict, List, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, Relation, equal, one_of, option


def _number(text: str) -> Optional[int]:
    try:
        return int(text, 0 if text.lower().startswith("0x") else 10)
    except ValueError:
        return None


def _compared(words: str, smaller: bool) -> Relation:
    def holds(observed: str, wanted: int) -> bool:
        number = _number(observed)
        return number is not None and (number <= wanted if smaller else number >= wanted)

    return Relation(words, holds)


def _covers(observed: str, wanted: str) -> bool:
    """Tell whether a mask takes away at least the bits of another."""
    return bool(re.match(r"^[0-7]+$", observed)) and int(observed, 8) & int(wanted, 8) == int(wanted, 8)


_takes_away = Relation("at least", _covers)


@dataclasses.dataclass
class Options:
    """Options of a setting check."""

    path: Sequence[str] = option("the file, or a list of files of which the last one wins")
    name: str = option("the setting's name")
    value: Optional[Sequence[str]] = option("its value, or a list of accepted ones", None, expects=one_of)
    at_least: Optional[int] = option("the smallest number allowed", None, expects=_compared("at least", False), fact="value")
    at_most: Optional[int] = option("the largest number allowed", None, expects=_compared("at most", True), fact="value")
    mask: Optional[str] = option("a quoted octal mask whose bits are all set in it", None, expects=_takes_away, fact="value")
    exists: Optional[bool] = option("whether it has to be set at all", None, expects=equal)
    if_set: bool = option("whether it is not applicable where it is not set", False)
    section: Optional[str] = option("the [section] that it stands in; left out, sections are ignored", None)
    separator: Optional[str] = option("what stands between name and value; left out, blanks or an equals sign", None)


def _values(text: str, options: Options) -> List[str]:
    between = r"\s*[=\s]\s*"
    if options.separator is not None:
        between = r"\s*%s\s*" % re.escape(options.separator.strip()) if options.separator.strip() else r"\s+"
    pattern = re.compile(r"^\s*%s(?:%s(.*))?$" % (re.escape(options.name), between))
    section, found = None, []
    for line in text.splitlines():
        heading = re.match(r"^\s*\[([^]]*)\]\s*$", line)
        section = heading.group(1) if heading else section
        match = pattern.match(line)
        if match and options.section in (None, section):
            found.append(re.split(r"\s#", match.group(1) or "")[0].strip().strip("\"'"))
    return found


def observe(options: Options, _deadline: Deadline) -> Observation:
    """Read the files as they are; the last line of the setting counts."""
    facts: Dict[str, object] = {"exists": False}
    missing = []
    for path in options.path:
        try:
            with open(path, encoding="utf-8", errors="replace") as stream:
                values = _values(stream.read(), options)
        except (FileNotFoundError, NotADirectoryError):
            missing.append(path)
            continue
        if values:
            facts = {"exists": True, "value": values[-1]}
    if options.if_set and not facts["exists"]:
        return Observation({}, not_applicable="%s is not set" % options.name)
    return Observation(facts, note="there is no %s" % " ".join(missing) if len(missing) == len(options.path) else "")
