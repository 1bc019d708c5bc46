# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single settings inside of a file that belongs to someone else: set them in place, remember what stood there, put it back."""

from __future__ import annotations

import re
from typing import Dict, List, Mapping, Optional, Tuple

# What stood in the file before: the lines of the setting, [] where it had none.
Originals = Dict[str, List[str]]


def pattern_of(name: str, separator: str) -> re.Pattern[str]:
    """Return the pattern of an active line of a setting."""
    between = r"\s*%s\s*" % re.escape(separator.strip()) if separator.strip() else r"\s+"
    return re.compile(r"^\s*%s(?:%s|\s*$)" % (re.escape(name), between))


def value_in(text: str, name: str, separator: str) -> Optional[str]:
    """Return the value of a setting, of its last line where there are several, None where it has none."""
    pattern = pattern_of(name, separator)
    found = [line[match.end() :].strip() for line in text.splitlines() for match in [pattern.match(line)] if match]
    return found[-1] if found else None


def put(text: str, name: str, lines: List[str], separator: str) -> Tuple[str, List[str]]:
    """Return the text with the lines of a setting replaced by `lines`, and the lines that stood there.

    The new lines take the places of the old ones; what is left of them is removed, what is missing goes to the end.
    """
    pattern = pattern_of(name, separator)
    rest, before, written = list(lines), [], []
    for line in text.splitlines(keepends=True):
        if not pattern.match(line):
            written.append(line)
            continue
        before.append(line)
        if rest:
            written.append(rest.pop(0))
    if rest and written and not written[-1].endswith("\n"):
        written[-1] += "\n"
    return "".join(written + rest), before


def desired(
    text: str, settings: Mapping[str, str], originals: Originals, separator: str, instead_of: Optional[str] = None
) -> Tuple[str, Originals]:
    """Return the text with `settings` in effect, and the originals to remember.

    A setting of `originals` that is no longer among `settings` gets its original lines back.
    instead_of: only a setting that has this value is changed; one that is missing or that somebody chose is left alone.
    """
    remembered: Originals = {}
    for name, lines in originals.items():
        if name not in settings:
            text, _ours = put(text, name, lines, separator)
    for name, value in settings.items():
        if instead_of is not None and value_in(text, name, separator) not in (instead_of, value):
            continue
        line = "%s%s%s\n" % (name, separator, value)
        if name in originals:
            remembered[name] = originals[name]
            if value_in(text, name, separator) != value:
                text, _ours = put(text, name, [line], separator)
        elif value_in(text, name, separator) != value:
            text, remembered[name] = put(text, name, [line], separator)
    return text, remembered
