# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waivers: who has accepted for how long, and why, that a control is not in effect on some hosts.

Days are those of UTC, and a waiver holds through the day on which it expires.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, unknown_name

VARIABLE = "fleet_waivers"
OPTIONS = ("controls", "hosts", "groups", "reason", "owner", "expires")
SOON = 30  # days before its end in which a waiver is warned of

EXAMPLE = '{controls: [sshd_root_login], groups: [web], reason: "…", owner: ana, expires: "2027-03-31"}'


@dataclass(frozen=True)
class Waiver:
    """One waiver, as a control's result carries it."""

    name: str
    reason: str
    owner: str
    expires: datetime.date

    def days_left(self, today: datetime.date) -> int:
        """Return how many days it still holds after `today`; negative where it has expired."""
        return (self.expires - today).days

    def ends_soon(self, today: datetime.date) -> bool:
        """Return whether somebody has to look after it now."""
        return self.days_left(today) <= SOON

    def mapping(self) -> dict[str, str]:
        """Return it as plain data."""
        return {"name": self.name, "reason": self.reason, "owner": self.owner, "expires": self.expires.isoformat()}


@dataclass(frozen=True)
class Declared:
    """A waiver with what it covers. Neither hosts nor groups: every host."""

    waiver: Waiver
    controls: tuple[str, ...]
    hosts: tuple[str, ...]
    groups: tuple[str, ...]

    def covers(self, host: str, group_names: Collection[str]) -> bool:
        """Return whether it holds for a host that is in these groups."""
        everywhere = not self.hosts and not self.groups
        return everywhere or host in self.hosts or any(group in group_names for group in self.groups)


def today() -> datetime.date:
    """Return the day in UTC."""
    return datetime.datetime.now(datetime.UTC).date()


def from_mapping(given: Mapping[str, Any]) -> Waiver:
    """Return the waiver that `Waiver.mapping` has written."""
    return Waiver(str(given["name"]), str(given["reason"]), str(given["owner"]), day("waiver.expires", given["expires"]))


def day(where: str, value: object) -> datetime.date:
    """Return a day that is written as 2027-03-31, in quotes or without. Raises BadInput."""
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value
    try:
        if isinstance(value, str) and len(value) == len("2027-03-31"):
            return datetime.date.fromisoformat(value)
    except ValueError:
        pass
    raise bad_input(where, value, "a day in the form 2027-03-31", "A waiver ends: write the last day on which it may hold.")


def declared(value: object) -> dict[str, Declared]:
    """Return the waivers of `fleet_waivers`. Raises BadInput naming the first that is none."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise bad_input(VARIABLE, value, "a mapping from name to waiver", "Write {name: %s}." % EXAMPLE)
    return {str(name): _one(str(name), given) for name, given in value.items()}


def in_force(value: object, host: str, group_names: Collection[str], on: datetime.date) -> dict[str, Waiver]:
    """Return control to waiver for one host. Of several the one that holds longest; one that has expired is none.

    value: that of fleet_waivers. Raises BadInput where it is not in order.
    """
    return _longest(one for one in declared(value).values() if one.waiver.days_left(on) >= 0 and one.covers(host, group_names))


def expired(value: object, host: str, group_names: Collection[str], on: datetime.date) -> dict[str, Waiver]:
    """Return control to the waiver that has expired for one host, of several the latest; those in force are `in_force`. Raises BadInput."""
    holding = in_force(value, host, group_names, on)
    ended = _longest(one for one in declared(value).values() if one.waiver.days_left(on) < 0 and one.covers(host, group_names))
    return {control: waiver for control, waiver in ended.items() if control not in holding}


def refuse_unknown_controls(value: object, known: Iterable[str]) -> None:
    """Raise BadInput for a waiver of a control that does not exist, with the nearest name: it would be passed over in silence."""
    names = frozenset(known)
    for name, one in declared(value).items():
        for error in _unknown(name, "controls", "control", one.controls, names):
            raise error


def _unknown(name: str, option: str, kind: str, given: Iterable[str], known: Collection[str]) -> Iterator[BadInput]:
    where = "%s.%s.%s" % (VARIABLE, name, option)
    return (unknown_name(kind, where, item, known) for item in given if item not in known)


def _longest(given: Iterable[Declared]) -> dict[str, Waiver]:
    found: dict[str, Waiver] = {}
    for one in given:
        for control in one.controls:
            known = found.get(control)
            if known is None or known.expires < one.waiver.expires:
                found[control] = one.waiver
    return found


def checked(
    value: object,
    known_controls: Iterable[str],
    on: datetime.date,
    hosts: Iterable[str] | None = None,
    groups: Iterable[str] | None = None,
) -> list[str]:
    """Return everything that is wrong with `fleet_waivers`, names that do not exist and waivers that have expired too.

    hosts, groups: the names of the inventory; None leaves them unjudged.
    """
    if not isinstance(value, Mapping):
        return _told(value)
    names = {"controls": ("control", frozenset(known_controls))}
    names |= {"hosts": ("host", frozenset(hosts))} if hosts is not None else {}
    names |= {"groups": ("group", frozenset(groups))} if groups is not None else {}
    found: list[str] = []
    for name, given in value.items():
        try:
            one = _one(str(name), given)
        except BadInput as error:
            found.append(str(error))
            continue
        for option, (kind, known) in names.items():
            found.extend(map(str, _unknown(str(name), option, kind, getattr(one, option), known)))
        if one.waiver.days_left(on) < 0:
            found.append(_expired(one.waiver, on))
    return found


def ending(value: object, on: datetime.date) -> Iterator[str]:
    """Yield a warning for each waiver that ends within SOON days. What is not in order is the business of `checked`."""
    for name, given in value.items() if isinstance(value, Mapping) else ():
        try:
            waiver = _one(str(name), given).waiver
        except BadInput:
            continue
        left = waiver.days_left(on)
        if 0 <= left <= SOON:
            when = "today" if left == 0 else "tomorrow" if left == 1 else "in %d days" % left
            yield "%s.%s ends %s, on %s; after that preflight fails. %s owns it." % (VARIABLE, name, when, waiver.expires, waiver.owner)


def _told(value: object) -> list[str]:
    try:
        declared(value)
    except BadInput as error:
        return [str(error)]
    return []


def _expired(waiver: Waiver, on: datetime.date) -> str:
    where = "%s.%s.expires" % (VARIABLE, waiver.name)
    remedy = "It expired %s: have %s judge the risk anew, or take the waiver out and let the control be applied."
    ago = -waiver.days_left(on)
    when = "yesterday" if ago == 1 else "%d days ago" % ago
    return str(bad_input(where, waiver.expires.isoformat(), "a day from %s on" % on, remedy % (when, waiver.owner)))


def _one(name: str, given: object) -> Declared:
    where = "%s.%s" % (VARIABLE, name)
    if not isinstance(given, Mapping):
        raise bad_input(where, given, "a waiver", "Write %s." % EXAMPLE)
    for option in given:
        if option not in OPTIONS:
            raise unknown_name("option of a waiver", where, str(option), OPTIONS)
    controls = _names(where + ".controls", given.get("controls"))
    if not controls:
        raise bad_input(where + ".controls", given.get("controls"), "at least one control", "Write controls: [sshd_root_login].")
    waiver = Waiver(
        name,
        _text(where + ".reason", given.get("reason"), "why the control is not in effect", "An auditor reads it."),
        _text(where + ".owner", given.get("owner"), "who answers for it", "A person or a team."),
        day(where + ".expires", given.get("expires")),
    )
    return Declared(waiver, controls, _names(where + ".hosts", given.get("hosts")), _names(where + ".groups", given.get("groups")))


def _names(where: str, value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, (str, bytes)) or not isinstance(value, (list, tuple)) or not all(isinstance(one, str) and one for one in value):
        raise bad_input(where, value, "a list of names", "Write it as a list, also for one name.")
    return tuple(str(one) for one in value)


def _text(where: str, value: object, expected: str, remedy: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise bad_input(where, value, expected, remedy)
    return " ".join(value.split())
