# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The units that a caller wants, checked."""

from __future__ import annotations

import dataclasses
import re
from typing import Any, List, Mapping, Optional, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, refuse_unknown_options

STATES = ("started", "stopped", "restarted", "reloaded")
OPTIONS = ("state", "enabled", "masked", "restart_on", "reload_on", "stable_for", "about")
NAME = re.compile(
    r"^[A-Za-z0-9:_.\\-]+(@[A-Za-z0-9:_.\\-]+)?"
    r"\.(service|socket|timer|target|path|mount|automount|slice|swap|device|scope)$"
)

LONGEST = 3600  # seconds to watch


@dataclasses.dataclass(frozen=True)
class Wanted:
    """One unit as the caller wants it. None leaves that side of the unit alone.

    stable_for: for how many seconds it has to stay up after it was started, restarted or reloaded. about: what it is of, for errors.
    """

    name: str
    state: Optional[str] = None
    enabled: Optional[bool] = None
    masked: Optional[bool] = None
    restart_on: Tuple[str, ...] = ()
    reload_on: Tuple[str, ...] = ()
    stable_for: float = 0.0
    about: str = ""


def wanted_units(units: Mapping[str, Any]) -> List[Wanted]:
    """Check the option `units` and turn it into a list, in the order given."""
    return [_wanted(name, options) for name, options in units.items()]


def _wanted(name: str, options: Any) -> Wanted:
    where = "units[%r]" % name
    if not NAME.match(name):
        remedy = "Add the type (.service, .timer, ...); of a template name an instance."
        raise bad_input(where, name, "a unit name with its type, such as 'nginx.service'", remedy)
    options = {} if options is None else options
    if not isinstance(options, dict):
        raise bad_input(where, options, "a mapping of %s" % ", ".join(OPTIONS), "Write {state: started, enabled: true}.")
    refuse_unknown_options(where, options, OPTIONS)
    state = options.get("state")
    if state is not None and state not in STATES:
        raise bad_input(where + ".state", state, "one of %s" % ", ".join(STATES), "Choose one or leave the key out.")
    for key in ("enabled", "masked"):
        if options.get(key) is not None and not isinstance(options[key], bool):
            raise bad_input("%s.%s" % (where, key), options[key], "true or false", "Write it without quotes.")
    if options.get("masked") and (options.get("enabled") or state in ("started", "restarted", "reloaded")):
        remedy = "A masked unit can be neither started nor enabled; drop one of the two."
        raise bad_input(where + ".masked", True, "state: stopped and enabled: false next to it", remedy)
    return Wanted(
        name=name,
        state=state,
        enabled=options.get("enabled"),
        masked=options.get("masked"),
        restart_on=_paths(where + ".restart_on", options.get("restart_on")),
        reload_on=_paths(where + ".reload_on", options.get("reload_on")),
        stable_for=_seconds(where + ".stable_for", options.get("stable_for")),
        about=str(options.get("about") or ""),
    )


def _paths(where: str, value: Any) -> Tuple[str, ...]:
    value = [] if value is None else value
    if not isinstance(value, (list, tuple)):
        raise bad_input(where, value, "a list of absolute paths", "Write [/etc/x.conf].")
    for path in value:
        if not isinstance(path, str) or not path.startswith("/"):
            raise bad_input(where, path, "an absolute path", "Start it with '/'.")
    return tuple(path.rstrip("/") or "/" for path in value)


def _seconds(where: str, value: Any) -> float:
    value = 0 if value is None else value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= LONGEST:
        raise bad_input(where, value, "seconds from 0 to %d" % LONGEST, "Leave it out not to watch the unit.")
    return float(value)
