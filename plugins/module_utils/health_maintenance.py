# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Maintenance windows: when which failed checks do not block, and why."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name

_KEYS = ("from", "until", "checks", "reason")
_MOMENT = r"^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?$"
_DAY = 86400


class Window(NamedTuple):
    """A span of time; `daily` where start and end are seconds of each day, otherwise seconds since 1970, all in UTC."""

    start: float
    end: float
    daily: bool
    checks: Tuple[str, ...]  # names or patterns of them; empty means all
    reason: str
    until: str


def _time_of_day(value: Any) -> Optional[float]:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1440:
        return value * 60.0  # YAML reads 22:00 without quotes as a number of base 60
    found = re.match(r"^([01]?\d|2[0-3]):([0-5]\d)$", str(value))
    return int(found.group(1)) * 3600.0 + int(found.group(2)) * 60.0 if found else None


def _moment(value: Any, where: str) -> float:
    import calendar  # pylint: disable=import-outside-toplevel
    import time  # pylint: disable=import-outside-toplevel

    found = re.match(_MOMENT, str(value).strip())
    try:
        if not found:
            raise ValueError("no moment")
        seconds = calendar.timegm(time.strptime("%s %s" % (found.group(1), found.group(2)), "%Y-%m-%d %H:%M"))
    except ValueError:
        remedy = "Write 2026-01-31T22:00Z, 2026-01-31T22:00+01:00, or 22:00 in both for each day; without a zone it is UTC."
        raise bad_input(where, value, "a moment or a time of day", remedy) from None
    zone = (found.group(3) or "Z").replace(":", "")
    offset = 0 if zone == "Z" else (int(zone[1:3]) * 3600 + int(zone[3:5]) * 60) * (-1 if zone[0] == "-" else 1)
    return float(seconds - offset)


def _window(given: Any, where: str) -> Window:
    if not isinstance(given, Mapping):
        raise bad_input(where, given, "a mapping", "Write {from: …, until: …, reason: …}.")
    for key in given:
        if key not in _KEYS:
            raise unknown_name("key of a maintenance window", where, str(key), _KEYS)
    for key in ("from", "until", "reason"):
        if not given.get(key):
            raise bad_input("%s.%s" % (where, key), given.get(key), "a value", "Say from when until when, and the reason.")
    start, end = _time_of_day(given["from"]), _time_of_day(given["until"])
    daily = start is not None and end is not None
    if not daily:
        start, end = _moment(given["from"], where + ".from"), _moment(given["until"], where + ".until")
    if start is None or end is None:
        raise AssertionError("neither a time of day nor a moment, which _moment would have refused")
    if start == end or (not daily and end < start):
        raise bad_input(where + ".until", given["until"], "a moment after `from`", "Correct one of them.")
    names = given.get("checks") or []
    checks = tuple(str(name) for name in (names if isinstance(names, list) else [names]))
    return Window(start, end, daily, checks, str(given["reason"]), str(given["until"]))


def windows(declared: Any, where: str = "maintenance") -> List[Window]:
    """Judge the input and return the windows. Raises BadInput."""
    if not isinstance(declared, list):
        raise bad_input(where, declared, "a list of windows", "Write [{from: …, until: …, reason: …}].")
    return [_window(given, "%s[%d]" % (where, number)) for number, given in enumerate(declared)]


def _is_open(window: Window, now: float) -> bool:
    moment = now % _DAY if window.daily else now
    if window.start < window.end:
        return window.start <= moment < window.end
    return moment >= window.start or moment < window.end  # over midnight


def covers(window: Window, name: str) -> bool:
    """Tell whether a window is about the check of this name."""
    from fnmatch import fnmatchcase  # pylint: disable=import-outside-toplevel

    return not window.checks or any(fnmatchcase(name, pattern) for pattern in window.checks)


def reasons(open_in: Iterable[Window], names: Iterable[str], now: float) -> Dict[str, str]:
    """Return why a failure does not block, by the name of the check, for those in a window at `now`, seconds since 1970."""
    found: Dict[str, str] = {}
    known = list(names)
    for window in open_in:
        if _is_open(window, now):
            for name in known:
                if covers(window, name):
                    found.setdefault(name, "maintenance: %s, until %s" % (window.reason, window.until))
    return found
