# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what a playbook declares to health checks that can be run."""

from __future__ import annotations

import collections.abc
import dataclasses
import re
import typing
from typing import Any, Callable, Dict, Iterable, List, Mapping

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.module_utils.health import Check, CheckType

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_SETTINGS = ("retries", "delay", "timeout", "stable_for")


def seconds(value: Any, where: str) -> float:
    """Return a duration in seconds: a number, or a number with ms, s, m or h."""
    match = re.match(r"^(\d+(?:\.\d+)?)\s*(ms|s|m|h)?$", "" if isinstance(value, bool) else str(value).strip())
    if not match:
        raise bad_input(where, value, "seconds or a duration", "Write 10, 2.5, 500ms, 10s, 2m or 1h.")
    return float(match.group(1)) * _UNITS[match.group(2) or "s"]


def _coerced(value: Any, hint: Any, where: str) -> Any:
    arguments = typing.get_args(hint)
    if type(None) in arguments:
        return _coerced(value, arguments[0], where)
    if typing.get_origin(hint) is collections.abc.Sequence:
        return [_coerced(item, arguments[0], where) for item in (value if isinstance(value, list) else [value])]
    if hint is bool and str(value).lower() in ("true", "yes", "on", "false", "no", "off"):
        return str(value).lower() in ("true", "yes", "on")
    if hint is int and not isinstance(value, bool) and re.match(r"^-?\d+$", str(value)):
        return int(value)
    if hint is float:
        return seconds(value, where)
    if hint is str and isinstance(value, str):
        return str(value)
    expected = {str: "a string", int: "an integer", bool: "true or false"}.get(hint, str(hint))
    raise bad_input(where, value, expected, "Quote it." if hint is str else "Correct the value.")


def _options(check_type: CheckType, given: Any, where: str) -> Any:
    if not isinstance(given, Mapping):
        raise bad_input(where, given, "a mapping of options", "Write %s: {option: value}." % check_type.name)
    fields = {field.name: field for field in dataclasses.fields(check_type.options)}
    hints = typing.get_type_hints(check_type.options)
    values = {}
    for key, value in given.items():
        if key not in fields:
            raise unknown_name("option of a %s check" % check_type.name, where, key, fields)
        if value is not None:
            values[key] = _coerced(value, hints[key], "%s.%s" % (where, key))
    for name, field in fields.items():
        required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if required and name not in values:
            remedy = "Add %s: %s." % (name, field.metadata["help"])
            raise bad_input("%s.%s" % (where, name), None, "a value", remedy)
    return check_type.options(**values)


def parse(declared: Any, known: Iterable[str], load: Callable[[str], CheckType], total: float, where: str = "checks") -> List[Check]:
    """Judge the input and return the checks; `known` are the names of all types, `load` fetches one."""
    if not isinstance(declared, Mapping):
        raise bad_input(where, declared, "a mapping of names to checks", "Write name: {tcp: {port: 22}}.")
    types = sorted(known)
    checks = []
    for name, given in declared.items():
        here = "%s.%s" % (where, name)
        if not isinstance(given, Mapping):
            raise bad_input(here, given, "a mapping with one check type", "Write {tcp: {port: 22}}.")
        for key in given:
            if key not in types and key not in _SETTINGS:
                raise unknown_name("check type or setting", here, key, [*types, *_SETTINGS])
        used = [key for key in given if key in types]
        if len(used) != 1:
            remedy = "Give each check its own name and one of: %s." % ", ".join(types)
            raise bad_input(here, sorted(given), "exactly one check type", remedy)
        given_settings: Dict[str, Any] = {
            key: seconds(given[key], "%s.%s" % (here, key)) for key in _SETTINGS[1:] if given.get(key) is not None
        }
        given_settings["retries"] = _coerced(given.get("retries") or 0, int, here + ".retries")
        check_type = load(used[0])
        check = Check(str(name), check_type, _options(check_type, given[used[0]], here + "." + used[0]), **given_settings)
        if check.stable_for >= total:
            remedy = "Raise `timeout` or lower `stable_for`."
            raise bad_input(here + ".stable_for", given["stable_for"], "less than the total timeout %g s" % total, remedy)
        checks.append(check)
    return checks
