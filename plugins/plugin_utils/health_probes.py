# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Health checks as other tools know them: modules of the blackbox exporter and probes of Kubernetes.

Both see less than a check does. What of a check they cannot say leaves the whole check out, with the reason: half an expectation would pass
where the check fails. What only warns (`warn`) is not theirs either and is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ansible_collections.groundwork.fleet.plugins.module_utils import health_input
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils import health_program

Options = Mapping[str, Any]

OURS = ("from", "name", "service")  # what a check of a service has besides what `health_check` knows
SETTINGS = (*health_input.SETTINGS, *OURS)
NOT_SEEN = ("requires", "retries", "delay", "passes")  # of these a tool may have nothing and still see what the check sees
DEFAULT_TIMEOUT = 10.0
FIRST_SUCCESS, LAST_SUCCESS = 200, 399  # what Kubernetes takes for a good answer
LONGEST_RANGE = 1000
#: What RE2 has a meaning for; unlike Python's re.escape it refuses a backslash before a blank.
SPECIAL = re.compile(r"([\\.+*?()|\[\]{}^$])")


class LeftOut(Exception):
    """A check that the other tool cannot make; the text says why."""


def literally(text: str) -> str:
    """Return a regular expression of RE2 that finds exactly the text."""
    return SPECIAL.sub(r"\\\1", text)


def seconds_of(check: Options, options: Options, name: str) -> float:
    """Return how long one attempt may take."""
    return health_input.seconds(check.get("timeout") or options.get("timeout") or DEFAULT_TIMEOUT, f"checks.{name}.timeout")


def refuse(options: Options, known: Mapping[str, Any] | tuple[str, ...], tool: str) -> None:
    """Raise LeftOut for an option that the other tool has nothing for."""
    for option, value in options.items():
        if option not in known and value is not None:
            raise LeftOut(f"{tool} has nothing for the option {option}")


def statuses(expectation: Any) -> list[int]:
    """Return the statuses of HTTP that an expectation takes. Raises LeftOut where they cannot be counted."""
    if isinstance(expectation, Mapping):
        if list(expectation) == ["between"]:
            low, high = (int(end) for end in expectation["between"])
            return list(range(low, min(high, low + LONGEST_RANGE) + 1))
        if list(expectation) == ["equals"]:
            return statuses(expectation["equals"])
        if list(expectation) == ["any"]:
            return [one for part in expectation["any"] for one in statuses(part)]
        raise LeftOut("its expectation of the status is no list of statuses")
    return [int(one) for one in (expectation if isinstance(expectation, (list, tuple)) else [expectation])]


def patterns(expectation: Any) -> tuple[list[str], list[str]]:
    """Return the regular expressions that have to be found in a text, and those that must not be. Raises LeftOut."""
    if isinstance(expectation, (str, int, float)) and not isinstance(expectation, bool):
        return [literally(str(expectation))], []
    if isinstance(expectation, Mapping):
        found: tuple[list[str], list[str]] = ([], [])
        for matcher, operand in expectation.items():
            there, missing = _pattern(str(matcher), operand)
            found = (found[0] + there, found[1] + missing)
        return found
    raise LeftOut("its expectation of the content is no text")


def _pattern(matcher: str, operand: Any) -> tuple[list[str], list[str]]:
    if matcher == "contains":
        return [literally(str(one)) for one in (operand if isinstance(operand, list) else [operand])], []
    if matcher == "matches":
        return [f"(?m:{operand})"], []
    if matcher == "equals":
        return [rf"\A{literally(str(operand))}\z"], []
    if matcher == "all":
        parts = [patterns(part) for part in operand]
        return [one for there, _missing in parts for one in there], [one for _there, missing in parts for one in missing]
    if matcher == "not":
        there, missing = patterns(operand)
        if len(there) + len(missing) == 1:
            return missing, there
    raise LeftOut(f"there is nothing for the matcher {matcher}")


class Made(NamedTuple):
    """What was made of checks: by name, why others are left out, and what of those that were made the tool cannot see."""

    made: dict[str, Any]
    left_out: dict[str, str]
    notes: dict[str, str]


def each(checks: object, make: Mapping[str, Callable[..., Any]], tool: str, said: tuple[str, ...] = ()) -> Made:
    """Return what was made of each check by its type. Raises BadInput for what `health_check` would refuse.

    said: the settings of every check that the tool has something for.
    """
    if not isinstance(checks, Mapping):
        raise bad_input("checks", checks, "a mapping of names to checks", "Write name: {tcp: {port: 22}}.")
    plain = {name: _without_ours(check) for name, check in checks.items()}
    health_program.types_used(plain, whole=False)
    found = Made({}, {}, {})
    for name, check in checks.items():
        kind = next(str(key) for key in check if key not in SETTINGS)
        try:
            if kind not in make:
                raise LeftOut(f"{tool} has nothing for a check of the type {kind}")
            if check.get("stable_for"):
                raise LeftOut(f"{tool} has nothing for the setting stable_for")
            found.made[str(name)] = make[kind](str(name), check, check[kind])
        except LeftOut as reason:
            found.left_out[str(name)] = str(reason)
            continue
        unseen = [setting for setting in NOT_SEEN if check.get(setting) and setting not in said]
        if unseen:
            found.notes[str(name)] = f"{tool} has nothing for {', '.join(unseen)}"
    return found


def _without_ours(check: Any) -> Any:
    return {key: value for key, value in check.items() if key not in OURS} if isinstance(check, Mapping) else check


def port_of(address: str) -> int:
    """Return the port of an address."""
    parts = urlsplit(address)
    return parts.port or (443 if parts.scheme == "https" else 80)
