# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One wording for every refusal: what, its value, what was expected, how to mend it."""

from __future__ import annotations

from typing import Callable, Iterable, Iterator, Optional

#: What takes secrets out of a value that is shown; the controller puts its masks here, a host has none.
conceal: Callable[[str], str] = str


class BadInput(ValueError):
    """Input that was refused before anything was changed. Its text is the whole message for the user."""


def nearest(name: str, known: Iterable[str]) -> Optional[str]:
    """Return the known name closest to `name`, or None where nothing is similar."""
    import difflib  # pylint: disable=import-outside-toplevel  # only where something is refused

    matches = difflib.get_close_matches(name, sorted(known), n=4, cutoff=0.6)
    return min(matches, key=lambda one: _distance(name, one), default=None)


def _distance(one: str, other: str) -> int:
    """Return how many letters have to be put in, taken out or replaced to make one name the other."""
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        before, row[0] = row[0], number
        for place, wanted in enumerate(other, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (letter != wanted))
    return row[-1]


def shown(value: object, secret: bool = False) -> str:
    """Return `value` as an error may show it: quoted, cut at 120 characters, masked where it is secret."""
    if secret:
        return "(hidden)"
    text = conceal(repr(value))
    return text if len(text) <= 120 else text[:117] + "..."


def bad_input(where: str, value: object, expected: str, remedy: str, secret: bool = False) -> BadInput:
    """Build the one error for refused input.

    where: variable or option, with its path ("files['/etc/x'].mode"). value: what was given.
    expected: what would be accepted. remedy: what to do. secret: True masks the value.
    """
    return BadInput("%s is %s; expected %s. %s" % (where, shown(value, secret), expected, remedy))


def unknown_name(kind: str, where: str, name: str, known: Iterable[str]) -> BadInput:
    """Build the error for a name that is not among `known`, with the nearest one where there is one."""
    names = sorted(known)
    close = nearest(name, names)
    remedy = "Did you mean %r?" % close if close else "Known: %s." % ", ".join(names)
    return bad_input(where, name, "a known %s" % kind, remedy)


def refuse_unknown_options(where: str, given: Iterable[object], known: Iterable[str]) -> None:
    """Raise BadInput for an option that is not among `known`. where: what has the options. given: their names, or a mapping by them."""
    names = tuple(known)
    for name in given:
        if name not in names:
            raise unknown_name("option", where, str(name), names)


def told(check: Callable[[], object], inside: str = "", place: str = "") -> Iterator[str]:
    """Yield what `check` refuses. The role's own name of the place (`inside`) becomes that of the inventory."""
    try:
        check()
    except BadInput as error:
        yield str(error).replace(inside, place) if inside else str(error)
