# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check values against argument specs, all problems at once and in the one wording."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from ansible.module_utils.common import validation
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils.layers import kind_of

Spec = Mapping[str, Mapping[str, Any]]

_SECRET_NAME = re.compile(r"(passw|passphrase|secret|token|credential|private|api_?key|(^|[._])key$)", re.IGNORECASE)

_CONVERT: Mapping[str, Callable[[Any], Any]] = {
    "int": validation.check_type_int,
    "float": validation.check_type_float,
    "bool": validation.check_type_bool,
    "bytes": validation.check_type_bytes,
    "bits": validation.check_type_bits,
}

#: What this collection adds to argument specs: the form of a text, and that form in words.
_PATTERN = ("pattern", "expected")

_EXPECTED = {
    "str": ("a string", "Write it in quotes."),
    "path": ("a path", "Write it in quotes."),
    "int": ("a whole number", "Write digits only, without a unit."),
    "float": ("a number", "Write digits and a point."),
    "bool": ("a boolean", "Write true or false."),
    "list": ("a list", "Write [one, two], or one `- item` a line."),
    "dict": ("a mapping", "Write key: value pairs."),
    "bytes": ("a size", "Write a number and a unit, like 10M."),
    "bits": ("a size in bits", "Write a number and a unit, like 10Mb."),
}


def is_secret_name(name: str) -> bool:
    """Return whether the value of a variable or key of this name has to be masked."""
    return _SECRET_NAME.search(name) is not None


def visible(value: object, secret: bool = False) -> object:
    """Return `value` with everything masked that stands under a secret's name."""
    if secret and not isinstance(value, Mapping):
        return "(hidden)"
    if isinstance(value, Mapping):
        return {key: visible(value[key], secret or is_secret_name(str(key))) for key in value}
    if isinstance(value, (list, tuple)):
        return [visible(one) for one in value]
    return value


def missing(where: str, expected: str, remedy: str) -> str:
    """Return the text about a value that has to be set and is not."""
    return "%s is not set; expected %s. %s" % (where, expected, remedy)


def problems(where: str, option: Mapping[str, Any], value: object) -> Iterator[str]:
    """Yield every way in which `value` does not fit `option` of an argument spec."""
    secret = bool(option.get("no_log")) or is_secret_name(where)
    kind = str(option.get("type", "str"))
    if not _fits(kind, value):
        expected, remedy = _EXPECTED.get(kind, ("of the type %s" % kind, "See the description of the variable."))
        remedy = "It is %s. %s" % (kind_of(value), remedy)
        yield str(bad_input(where, visible(value), expected, remedy, secret=secret))
        return
    yield from _choice_problems(where, option, value, secret)
    yield from _pattern_problems(where, option, value, secret)
    if kind == "dict" and isinstance(value, Mapping) and option.get("options"):
        if option.get("elements") == "dict":  # names of the user's own, the same keys below each
            element = {"type": "dict", "options": option["options"], "one_of": option.get("one_of")}
            for name, one in value.items():
                yield from problems("%s.%s" % (where, name), element, {} if one is None else one)
        else:
            yield from mapping_problems(where, option["options"], value)
            yield from _one_of_problems(where, option.get("one_of") or (), value)
    if kind == "list" and isinstance(value, (list, tuple)):
        element = {"type": option.get("elements", "raw"), **{key: option.get(key) for key in ("options", "no_log", "one_of", *_PATTERN)}}
        for number, one in enumerate(value):
            yield from problems("%s[%d]" % (where, number), element, one)


def mapping_problems(where: str, options: Spec, value: Mapping[str, Any]) -> Iterator[str]:
    """Yield the problems of a mapping whose keys are declared: unknown, missing and wrong ones."""
    for key in value:
        if key not in options:
            yield str(unknown_name("key", "a key of %s" % where, str(key), options))
        elif value[key] is not None:
            yield from problems("%s.%s" % (where, key), options[key], value[key])
    for key, option in options.items():
        if option.get("required") and value.get(key) is None:
            yield missing("%s.%s" % (where, key), _expected(option), "It has no safe default: set it.")


def _expected(option: Mapping[str, Any]) -> str:
    return _EXPECTED.get(str(option.get("type", "str")), ("a value", ""))[0]


def _choice_problems(where: str, option: Mapping[str, Any], value: object, secret: bool) -> Iterator[str]:
    choices = option.get("choices")
    if not choices:
        return
    for number, one in enumerate(value if isinstance(value, list) else [value]):
        if str(one) not in [str(choice) for choice in choices]:
            place = "%s[%d]" % (where, number) if isinstance(value, list) else where
            known = ", ".join(str(choice) for choice in choices)
            yield str(bad_input(place, one, "one of %s" % known, "Take one of them.", secret=secret))


def _pattern_problems(where: str, option: Mapping[str, Any], value: object, secret: bool) -> Iterator[str]:
    """Yield a problem where a text is not of the form `pattern`, a regular expression; `expected` says the form in words."""
    pattern = option.get("pattern")
    if pattern and isinstance(value, (str, int, float)) and not re.fullmatch(str(pattern), str(value)):
        expected = str(option.get("expected") or "a text of the form %s" % pattern)
        yield str(bad_input(where, value, expected, "See the table of options of its entry.", secret=secret))


def _one_of_problems(where: str, keys: Collection[str], value: Mapping[str, Any]) -> Iterator[str]:
    """Yield a problem unless exactly one of `keys` is set."""
    given = [key for key in keys if value.get(key) is not None]
    if keys and len(given) != 1:
        remedy = "Keep one of them." if given else "Add one of them."
        yield str(bad_input(where, given or sorted(map(str, value)), "exactly one of %s" % " and ".join(keys), remedy))


def _fits(kind: str, value: object) -> bool:
    if kind == "raw":
        return True
    if kind == "list":
        return isinstance(value, (list, tuple))
    if kind == "dict":
        return isinstance(value, Mapping)
    if kind in ("str", "path"):
        return isinstance(value, (str, int, float)) and not isinstance(value, bool)
    if kind in ("int", "float", "bytes", "bits") and isinstance(value, bool):
        return False
    convert = _CONVERT.get(kind)
    if convert is None:
        return True
    try:
        convert(value)
    except (TypeError, ValueError):
        return False
    return True
