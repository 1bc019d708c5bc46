# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matchers of goss in the grammar of our expectations (module_utils/health_expect.py).

goss chooses how it compares by the kind of the attribute: a single value, a list, or text that it reads line by line. What has no
counterpart is left out with its reason, and never half taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

SCALARS = (str, int, float, bool)
NUMBERS = {"gt": "more_than", "ge": "at_least", "lt": "less_than", "le": "at_most"}
POSIX = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7f",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": r"0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
#: Parts of an expression of RE2: an escape, a POSIX class, a named group, flags, a bracket, an anchor.
PART = re.compile(r"\\(?:[pP](?:\{\w+\}|\w)|x\{[0-9A-Fa-f]+\}|.)|\[:\^?\w+:\]|\(\?<(?=\w)|\(\?[a-zA-Z-]+[):]|\[\^?\]?|\]|[$^]", re.DOTALL)


class LeftOut(Exception):
    """What of a goss file has no counterpart; the text says why."""


def python_regex(pattern: str, anchors: bool) -> str:
    """Return an expression of RE2 as Python writes it. Raises LeftOut for what Python does not have.

    anchors: `^` and `$` mean begin and end of the whole text, as for Go; otherwise those of a line.
    """
    whole, inside = anchors and not re.match(r"\(\?[a-z]*m", pattern), False

    def replaced(found: re.Match[str]) -> str:
        nonlocal inside
        part = found[0]
        opens, closes = part[0] == "[" and part[1:2] != ":" and not inside, part == "]" and inside
        if opens or closes:
            inside = opens
            return part
        return _inside(part, pattern) if inside else _outside(part, pattern, whole)

    made = PART.sub(replaced, pattern)
    try:
        re.compile(made)
    except re.error as error:
        raise LeftOut(f"the expression {pattern!r} does not compile: {error}") from error
    return made


def _unknown(part: str, pattern: str) -> LeftOut:
    return LeftOut(f"the expression {pattern!r} has {part}, which Python does not know")


def _inside(part: str, pattern: str) -> str:
    """Return a part between brackets."""
    if not part.startswith("[:"):
        return _escape(part, pattern)
    if part[2] == "^" or part.strip("[:]") not in POSIX:
        raise _unknown(part, pattern)
    return POSIX[part.strip("[:]")]


def _outside(part: str, pattern: str, whole: bool) -> str:
    """Return a part outside of brackets. whole: the anchors are those of the whole text."""
    if part.startswith("(?") and "U" in part:
        raise _unknown(part, pattern)
    anchors = {"^": r"\A", "$": r"\Z"} if whole else {}
    return {"(?<": "(?P<", r"\z": r"\Z", **anchors}.get(part) or _escape(part, pattern)


def _escape(part: str, pattern: str) -> str:
    if part.startswith("\\") and (part[1] in "pPQEC" or part.startswith("\\x{")):
        raise _unknown(part, pattern)
    return part


def together(parts: list[Any]) -> Any:
    """Return one expectation of several that all have to hold."""
    return parts[0] if len(parts) == 1 else {"all": parts}


def single(wanted: Any) -> Any:
    """Return the expectation of a single value."""
    if isinstance(wanted, SCALARS):
        return {"equals": wanted}
    if isinstance(wanted, Mapping):
        return _matchers(wanted, single)
    if isinstance(wanted, list):
        raise LeftOut("a list is expected of what is a single value")
    raise LeftOut(f"{wanted!r} is no expectation")


def text(wanted: Any) -> Any:
    """Return the expectation of a text: what is written as a number is one of its digits."""
    if isinstance(wanted, Mapping):
        return _matchers(wanted, text)
    return single(wanted if isinstance(wanted, bool) or not isinstance(wanted, SCALARS) else str(wanted))


def either(wanted: Any) -> Any:
    """Return the expectation of what may be text or number, written as a text: goss turns one into the other as the matcher has it."""
    if isinstance(wanted, Mapping):
        return _matchers(wanted, either)
    if isinstance(wanted, (int, float)) and not isinstance(wanted, bool):
        return {"between": [wanted, wanted]}
    return single(wanted)


def elements(wanted: Any) -> Any:
    """Return the expectation of a list of texts: of a list, that it holds all of these."""
    if isinstance(wanted, list):
        if not wanted:
            raise LeftOut("an empty list expects nothing")
        return together([{"element": text(one)} for one in wanted])
    if isinstance(wanted, Mapping):
        return _matchers(wanted, elements)
    raise LeftOut("a single value is expected of what is a list")


def lines(wanted: Any) -> Any:
    """Return the expectation of a text that is read line by line: a list is one of patterns, a value is the whole text."""
    if isinstance(wanted, list):
        if not wanted:
            raise LeftOut("an empty list expects nothing")
        return together([_pattern(one) for one in wanted])
    if isinstance(wanted, Mapping):
        return _matchers(wanted, lines)
    return text(wanted)


def _pattern(wanted: Any) -> Any:
    if isinstance(wanted, Mapping):
        return {"element": text(wanted)}
    if not isinstance(wanted, SCALARS):
        raise LeftOut(f"{wanted!r} is no pattern")
    pattern = str(wanted)
    inverse = pattern.startswith("!")
    pattern = pattern[1:] if inverse or pattern.startswith("\\!") else pattern
    if len(pattern) > 1 and pattern.startswith("/") and pattern.endswith("/"):
        found: Any = {"element": {"matches": python_regex(pattern[1:-1], anchors=True)}}
    else:
        found = {"element": {"contains": pattern}}
    return {"not": found} if inverse else found


def _matchers(wanted: Mapping[str, Any], default: Callable[[Any], Any]) -> Any:
    if len(wanted) != 1:
        raise LeftOut(f"{sorted(wanted)} are several matchers in one place; goss takes one of them")
    ((name, operand),) = wanted.items()
    if name in NUMBERS:
        return {NUMBERS[name]: operand}
    if name in ("and", "or"):
        return {"all" if name == "and" else "any": [default(one) for one in operand]}
    if name == "not":
        return {"not": default(operand)}
    if name == "equal":
        return (
            {"equals": [str(one) for one in operand]}
            if isinstance(operand, list)
            else text(operand)
            if default is not single
            else single(operand)
        )
    if name not in _MATCHERS:
        raise LeftOut(f"there is nothing for the matcher {name}")
    return _MATCHERS[name](operand)


def _consists_of(wanted: list[Any]) -> Any:
    if not all(isinstance(one, SCALARS) for one in wanted) or len({str(one) for one in wanted}) != len(wanted):
        raise LeftOut("consist-of is taken with values that are each there once")
    return {"all": [*({"element": text(one)} for one in wanted), {"length": len(wanted)}]}


_MATCHERS: dict[str, Callable[[Any], Any]] = {
    "consist-of": _consists_of,
    "contain-element": lambda operand: {"element": text(operand)},
    "contain-elements": elements,
    "contain-substring": lambda operand: {"contains": str(operand)},
    "have-len": lambda operand: {"length": operand},
    "have-prefix": lambda operand: {"matches": r"\A" + re.escape(str(operand))},
    "have-suffix": lambda operand: {"matches": re.escape(str(operand)) + r"\Z"},
    "match-regexp": lambda operand: {"matches": python_regex(str(operand), anchors=True)},
}
