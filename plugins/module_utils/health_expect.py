# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one grammar of expectations: what a fact that a check observes has to be.

An expectation is a plain value, which the option's own relation holds against the fact, or a mapping of matchers, all of
which have to hold. `not`, `any` and `all` put expectations together, `length` applies one to the length of the fact, `element` to each
element of a list, or each line of a text: one of them has to be as expected.
"""

from __future__ import annotations

import itertools
import re
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Tuple, Union

from ansible_collections.groundwork.fleet.plugins.module_utils import health
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.module_utils.health import Relation
from ansible_collections.groundwork.fleet.plugins.module_utils.health_version import Version

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_BYTES = {"%s%s" % (letter, end): base**power for power, letter in enumerate("kMGT", 1) for end, base in (("B", 1000), ("iB", 1024))}
_QUANTITIES: Dict[str, float] = {**_SECONDS, **_BYTES, "KiB": 1024, "%": 1, "": 1}
_MOST_ALTERNATIVES = 256

Number = Union[int, float]
Bounds = Tuple[Optional[Number], Optional[Number]]


class Expectation(NamedTuple):
    """One matcher with its operand; `plain` carries the relation of its option."""

    matcher: str
    operand: Any
    relation: Optional[Relation] = None
    written: str = ""  # a number as it was written, with its unit


class Expected(NamedTuple):
    """A fact and what it has to be."""

    fact: str
    expectation: Expectation
    shows_observed: bool = True
    unit: str = ""


class Coercion(NamedTuple):
    """How the operands of one option are read: `plain` a plain value, `item` one value, `kind` of str, int, float, bool, version or Any."""

    plain: Callable[[Any, str], Any]
    item: Callable[[Any, str], Any]
    kind: str


def quantity(value: Any, where: str) -> Number:
    """Return a number: one as it is, or with a unit of time (in seconds), of size (in bytes) or %."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    found = re.match(r"^(-?\d+(?:\.\d+)?)\s*([A-Za-z%]*)$", "" if isinstance(value, bool) else str(value).strip())
    if not found or found.group(2) not in _QUANTITIES:
        raise bad_input(where, value, "a number", "Write 10, 2.5, 80%, 500ms, 10s, 2m, 1h, 7d, 100MB or 10GiB.")
    number = float(found.group(1)) * _QUANTITIES[found.group(2)]
    return int(number) if number == int(number) else number


def _version(value: Any, where: str) -> Version:
    if isinstance(value, (bool, float)) or not re.match(r"^[0-9A-Za-z]\S*$", str(value)):
        raise bad_input(where, value, "a version as a text", "Quote it: 1.30 is 1.3 as a number.")
    return Version(str(value))


def _number(observed: Any) -> Optional[Number]:
    if isinstance(observed, bool):
        return None
    if isinstance(observed, (int, float)):
        return observed
    try:
        return float(observed)
    except (TypeError, ValueError):
        return None


_ORDER: Dict[str, Tuple[str, Callable[[Any, Any], bool]]] = {
    "at_least": ("at least", lambda observed, wanted: bool(observed >= wanted)),
    "at_most": ("at most", lambda observed, wanted: bool(observed <= wanted)),
    "more_than": ("more than", lambda observed, wanted: bool(observed > wanted)),
    "less_than": ("less than", lambda observed, wanted: bool(observed < wanted)),
    "older_than": ("older than", lambda observed, wanted: bool(observed > wanted)),
    "newer_than": ("newer than", lambda observed, wanted: bool(observed < wanted)),
}
_LOW, _HIGH = ("at_least", "more_than", "older_than"), ("at_most", "less_than", "newer_than")
_STRICT = ("more_than", "older_than", "less_than", "newer_than")
_INVERSE = {"at_least": "less_than", "at_most": "more_than", "more_than": "at_most", "less_than": "at_least"}
_INVERSE.update(older_than="at_most", newer_than="at_least")
_TEXTS = ("matches", "contains", "element", "length")
MATCHERS = ("equals", "not", "any", "all", *_ORDER, "between", *_TEXTS)


def _list_of(value: Any, where: str) -> List[Any]:
    if not isinstance(value, list) or not value:
        raise bad_input(where, value, "a list with at least one expectation", "Write [a, {matches: b}].")
    return value


def pattern(value: Any, where: str) -> Expectation:
    """Return the expectation that a regular expression is found. Raises BadInput where it does not compile."""
    try:
        re.compile(str(value))
    except re.error as error:
        raise bad_input(where, value, "a regular expression", "It does not compile: %s." % error) from None  # told already
    return Expectation("matches", str(value))


def values_named(expectation: Expectation) -> List[Any]:
    """Return the values that an expectation names one by one, wherever it does; those of other matchers are not in it."""
    name, operand = expectation.matcher, expectation.operand
    if name in ("any", "all", "not"):
        return [value for part in ([operand] if name == "not" else operand) for value in values_named(part)]
    if name in ("plain", "equals"):
        return list(operand) if isinstance(operand, list) else [operand]
    return []


def never_unmet(warn: Expectation, checked: Expectation) -> bool:
    """Tell whether a range of numbers lies inside that of `warn`: where `warn` is not met, the check has failed already."""
    outer, inner = bounds(warn), bounds(checked)
    if outer is None or inner is None or inner == (None, None):
        return False
    low = outer[0] is None or (inner[0] is not None and inner[0] > outer[0])
    high = outer[1] is None or (inner[1] is not None and inner[1] < outer[1])
    return low and high


def _operand(name: str, value: Any, where: str, coercion: Coercion, relation: Relation) -> Expectation:
    ordered = _version if coercion.kind == "version" else quantity
    if name in (*_ORDER, "between") and coercion.kind not in ("int", "float", "version", "Any"):
        raise bad_input(where, value, "no comparison of numbers: this is no number", "Use equals, any, not or matches.")
    if name in _TEXTS and coercion.kind not in ("str", "version", "Any"):
        raise bad_input(where, value, "a matcher of numbers: this is no text", "Use at_least, at_most, between or any.")
    if name in _ORDER:
        return Expectation(name, ordered(value, where), written=str(value))
    if name == "between":
        if not isinstance(value, list) or len(value) != 2:
            raise bad_input(where, value, "two numbers", "Write between: [lowest, highest].")
        ends = [Expectation(key, ordered(end, where), written=str(end)) for key, end in zip(("at_least", "at_most"), value)]
        return Expectation("all", ends)
    if name == "matches":
        return pattern(value, where)
    if name == "contains":
        wanted = [coercion.item(item, where) for item in (value if isinstance(value, list) else [value])]
        return Expectation("all", [Expectation(name, item) for item in wanted])
    if name in ("element", "length"):
        part = coercion._replace(plain=coercion.item) if name == "element" else Coercion(quantity, quantity, "int")
        return Expectation(name, parse(value, where, part, health.equal))
    if name == "equals":
        many = isinstance(value, list)
        return Expectation(name, [coercion.item(item, where) for item in value] if many else coercion.item(value, where))
    if name == "not":
        return Expectation(name, parse(value, where, coercion, relation))
    parts = [parse(item, "%s[%d]" % (where, number), coercion, relation) for number, item in enumerate(_list_of(value, where))]
    return Expectation(name, parts)


def parse(value: Any, where: str, coercion: Coercion, relation: Relation) -> Expectation:
    """Return the expectation that a user wrote. Raises BadInput with its place."""
    if not isinstance(value, Mapping):
        return Expectation("plain", coercion.plain(value, where), relation)
    parts = []
    for key, operand in value.items():
        if key not in MATCHERS:
            raise unknown_name("matcher", where, str(key), MATCHERS)
        parts.append(_operand(key, operand, "%s.%s" % (where, key), coercion, relation))
    if not parts:
        raise bad_input(where, value, "at least one matcher", "Known: %s." % ", ".join(MATCHERS))
    return parts[0] if len(parts) == 1 else Expectation("all", parts)


def holds(expectation: Expectation, observed: Any) -> bool:
    """Tell whether the fact is as expected; one of another type than the matcher's is not."""
    name, operand = expectation.matcher, expectation.operand
    if name == "plain":
        relation = expectation.relation
        return relation is not None and relation.holds(observed, operand)
    if name == "not":
        return not holds(operand, observed)
    if name in ("all", "any"):
        answers = (holds(part, observed) for part in operand)
        return all(answers) if name == "all" else any(answers)
    if name in _ORDER:
        known = Version(str(observed)) if isinstance(operand, Version) else _number(observed)
        return known is not None and _ORDER[name][1](known, operand)
    if name == "matches":
        return re.search(operand, str(observed), re.MULTILINE) is not None
    if name == "equals":
        return bool(observed == operand) and isinstance(observed, bool) == isinstance(operand, bool)
    try:
        if name == "element":
            return any(holds(operand, item) for item in (observed.splitlines() if isinstance(observed, str) else observed))
        return bool(operand in observed) if name == "contains" else holds(operand, len(observed))
    except TypeError:  # it has no content, no length
        return False


def text(expectation: Expectation, shown: Callable[[Any], str]) -> str:
    """Return the expectation in words; `shown` puts a value into words."""
    name, operand = expectation.matcher, expectation.operand
    if name == "plain":
        words = expectation.relation.words if expectation.relation else ""
        return ("" if isinstance(operand, list) and len(operand) == 1 else words + " ").lstrip() + shown(operand)
    if name == "equals":
        return shown(operand)
    if name == "not":
        return "not " + text(operand, shown)
    if name in ("all", "any"):
        return (" and " if name == "all" else " or ").join(text(part, shown) for part in operand)
    if name in ("length", "element"):
        return {"length": "of length ", "element": "with a part "}[name] + text(operand, shown)
    words = _ORDER[name][0] if name in _ORDER else {"matches": "matching", "contains": "containing"}[name]
    return "%s %s" % (words, expectation.written or shown(operand))


def _turned(expectation: Expectation) -> Expectation:
    """Return the negation, pushed down to the single matchers."""
    name, operand = expectation.matcher, expectation.operand
    if name == "not":
        return _pushed(operand)
    if name in ("all", "any"):
        return Expectation("any" if name == "all" else "all", [_turned(part) for part in operand])
    if name in _INVERSE:
        return Expectation(_INVERSE[name], operand, written=expectation.written)
    if name == "length":
        return Expectation(name, _turned(operand))
    return Expectation("not", expectation)


def _pushed(expectation: Expectation) -> Expectation:
    name, operand = expectation.matcher, expectation.operand
    if name == "not":
        return _turned(operand)
    if name in ("all", "any"):
        return Expectation(name, [_pushed(part) for part in operand])
    return Expectation(name, _pushed(operand)) if name == "length" else _as_order(expectation)


def _as_order(expectation: Expectation) -> Expectation:
    """Return a plain value whose relation compares numbers as the matcher that does."""
    number = isinstance(expectation.operand, (int, float)) and not isinstance(expectation.operand, bool)
    name = {health.at_least: "at_least", health.at_most: "at_most"}.get(expectation.relation or health.equal)
    return Expectation(name, expectation.operand) if number and name and expectation.matcher == "plain" else expectation


def _alternatives(expectation: Expectation) -> List[List[Expectation]]:
    """Return the ways to meet a pushed down expectation, each a list of single matchers that have to hold together."""
    if expectation.matcher == "any":
        return [way for part in expectation.operand for way in _alternatives(part)]
    if expectation.matcher == "all":
        parts = [_alternatives(part) for part in expectation.operand]
        ways = itertools.islice(itertools.product(*parts), _MOST_ALTERNATIVES + 1)
        return [[leaf for way in chosen for leaf in way] for chosen in ways]
    return [[expectation]]


def bounds(expectation: Expectation) -> Optional[Bounds]:
    """Return the lowest and the highest number that are as expected, None for an open end; None where it is no range."""
    ways = _alternatives(_pushed(expectation))
    if len(ways) != 1 or any(leaf.matcher not in _ORDER or isinstance(leaf.operand, Version) for leaf in ways[0]):
        return None
    low = [leaf.operand for leaf in ways[0] if leaf.matcher in _LOW]
    high = [leaf.operand for leaf in ways[0] if leaf.matcher in _HIGH]
    return (max(low) if low else None, min(high) if high else None)


def _values(leaf: Expectation) -> Optional[List[Any]]:
    """Return the only values that meet a matcher, None where they cannot be counted."""
    if leaf.matcher == "equals":
        return [leaf.operand]
    if leaf.matcher == "plain" and leaf.relation == health.one_of:
        return list(leaf.operand)
    return [leaf.operand] if leaf.matcher == "plain" and leaf.relation == health.equal else None


def _impossible(leaves: List[Expectation]) -> bool:
    for leaf in leaves:
        values = _values(leaf)
        if values is not None and not any(all(holds(other, value) for other in leaves) for value in values):
            return True
        if leaf.matcher == "not" and leaf.operand in leaves:
            return True
    lengths = [leaf.operand for leaf in leaves if leaf.matcher == "length"]
    if lengths and contradictory(Expectation("all", [*lengths, Expectation("at_least", 0)])):
        return True
    return any(
        low.operand > high.operand or (low.operand == high.operand and (low.matcher in _STRICT or high.matcher in _STRICT))
        for low in leaves
        if low.matcher in _LOW
        for high in leaves
        if high.matcher in _HIGH
    )


def contradictory(expectation: Expectation) -> bool:
    """Tell whether nothing can ever be as expected. What cannot be known counts as possible."""
    ways = _alternatives(_pushed(expectation))
    return len(ways) <= _MOST_ALTERNATIVES and all(_impossible(way) for way in ways)
