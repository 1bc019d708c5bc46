# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single options of the model of logs, judged: mappings, names and lists of words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils.layers import kind_of
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_types import NAME, RESERVED


def mapping(where: str, value: Any) -> Mapping[str, Any]:
    """Return what has to be a mapping. where: the option. Raises BadInput."""
    if not isinstance(value, Mapping):
        raise bad_input(where, value, "a mapping", "It is %s: write {name: {…}}." % kind_of(value))
    return value


def named(where: str, name: object) -> str:
    """Return the name of an input, flow or output. Raises BadInput."""
    if not NAME.match(str(name)) or name in RESERVED:
        expected = "a name of small letters, digits and '_' that is none of %s" % ", ".join(sorted(RESERVED))
        raise bad_input(where, name, expected, "It names a folder and a unit on the host.")
    return str(name)


def words(where: str, value: Any, known: Iterable[str] | None = None, kind: str = "") -> tuple[str, ...]:
    """Return a list of texts, or one text as a list. known: what each may be, none for anything. kind: what they are. Raises BadInput."""
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, (list, tuple)) or not all(isinstance(one, str) and one for one in items):
        raise bad_input(where, value, "a list of texts", "Write [one, two].")
    for one in items if known is not None else ():
        if one not in (known or ()):
            raise unknown_name(kind, where, one, known or ())
    return tuple(items)


def filled(value: Any, known: Mapping[str, Any]) -> Any:
    """Return a parameter of the catalogue with the options in the place of their names; a name alone keeps the type of its option.

    A list in the place of an element becomes elements.
    """
    if isinstance(value, list):
        found = (filled(one, known) for one in value)
        return [part for one in found for part in (one if isinstance(one, list) else [one])]
    if not isinstance(value, str):
        return value
    whole = re.fullmatch(r"\{([a-z_]+)\}", value)
    return known.get(whole[1]) if whole else re.sub(r"\{([a-z_]+)\}", lambda found: str(known.get(found[1], "")), value)
