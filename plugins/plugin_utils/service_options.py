# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a service from the catalogue: judged by the entry's `option_spec`, completed, and put where the entry names them.

`option_spec` has the form of an argument spec. Further than that one knows

- `pattern` and `expected` of a text: a regular expression that the whole of it fits, and the same in words,
- `type: dict, elements: dict`: names of the user's own, each with the keys of `options`,
- `one_of` of a mapping: the keys of which exactly one has to be there.

In facets and steps of the entry `"{name}"` stands for an option, as a whole value with its type. `only_if: NAME` beside the rest of an
item of a facet, of a step or of a file keeps it only where that option is neither empty nor false; `only_if: {NAME: value}` where it has
this value, or one of a list of them. A NAME may lead into a mapping: `replication.role`; through a list it leads to all that is there.
`for_each: NAME` makes an item of a facet for each entry of a list or mapping; `{item}` stands for the entry and `{item_name}` for its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible.module_utils.common import validation
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import spec_check
from ansible_collections.groundwork.fleet.plugins.plugin_utils.layers import kind_of

PLACEHOLDER = re.compile(r"(?<!\$)\{([a-z_]+(?:\.[a-z_]+)*)\}")
CONDITION, EACH = "only_if", "for_each"
BY_PLATFORM = "by_platform"
ITEMS = ("ports", "health", "metrics", "logs", "backup", "certificates", "steps")  # lists of mappings
PATHS = ("files", "directories")  # path to mapping
VALUES = ("exec", "schedule", "secrets")

_CONVERT = {"int": validation.check_type_int, "float": validation.check_type_float, "bool": validation.check_type_bool}


def is_by_platform(value: object) -> bool:
    """Return whether a value is chosen later, when the host's platform is known."""
    return isinstance(value, Mapping) and set(value) == {BY_PLATFORM}


def problems(where: str, spec: spec_check.Spec, options: object) -> Iterator[str]:
    """Yield what is wrong with the options of a service."""
    if not isinstance(options, Mapping):
        yield str(bad_input(where, options, "a mapping", "It is %s: write {name: value}." % kind_of(options)))
        return
    for name in options:
        if name not in spec:
            yield str(unknown_name("option", "an option of %s" % where.removesuffix(".options"), str(name), spec))
    known = {name: value for name, value in options.items() if name in spec and not is_by_platform(value)}
    by_platform = {name for name in options if name in spec and name not in known}
    asked = {name: {**option, "required": False} if name in by_platform else option for name, option in spec.items()}
    yield from spec_check.mapping_problems(where, asked, known)


def completed(spec: spec_check.Spec, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options that are in order with the defaults of their spec and in its types."""
    found = dict(options)
    for name, option in spec.items():
        value = options.get(name)
        value = option.get("default") if value is None else value
        found[name] = value if value is None or is_by_platform(value) else _typed(option, value)
    return found


def _typed(option: Mapping[str, Any], value: Any) -> Any:
    kind, below = str(option.get("type", "str")), option.get("options")
    if kind == "dict" and below and option.get("elements") == "dict":
        return {str(name): completed(below, one or {}) for name, one in value.items()}
    if kind == "dict":
        return completed(below, value) if below else dict(value)
    if kind == "list":
        element = {"type": option.get("elements", "raw"), "options": below}
        return [_typed(element, one) for one in value]
    if kind in ("str", "path"):
        return value if isinstance(value, str) else str(value)
    return _CONVERT[kind](value) if kind in _CONVERT else value


def option_at(options: Mapping[str, Any], path: str) -> Any:
    """Return the option at a path such as `replication.role`, None where there is none; through a list all that is there."""
    value: Any = options
    for name in path.split("."):
        if isinstance(value, (list, tuple)):
            below = [one.get(name) for one in value if isinstance(one, Mapping)]
            value = [part for one in below if one is not None for part in (one if isinstance(one, list) else [one])]
        else:
            value = value.get(name) if isinstance(value, Mapping) else None
    return value


def holds(where: str, condition: object, options: Mapping[str, Any]) -> bool:
    """Return whether a condition holds. Raises BadInput for one that names no option."""
    if isinstance(condition, str):
        wanted: Mapping[Any, Any] = {condition: None}
    elif isinstance(condition, Mapping):
        wanted = condition
    else:
        raise bad_input(where, condition, "the name of an option, or a mapping of options to values", "Write only_if: tls.")
    for path, expected in wanted.items():
        if str(path).split(".", maxsplit=1)[0] not in options:
            raise unknown_name("option", where, str(path), options)
        value = option_at(options, str(path))
        if not (bool(value) if isinstance(condition, str) else value in (expected if isinstance(expected, list) else [expected])):
            return False
    return True


def filled(value: Any, options: Mapping[str, Any]) -> Any:
    """Return a value with the options where their names stand in braces; one that its platform decides stays as it is written."""
    if isinstance(value, Mapping):
        return {key: filled(one, options) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [filled(one, options) for one in value]
    if not isinstance(value, str):
        return value
    whole = PLACEHOLDER.fullmatch(value)
    if whole and _is_known(whole[1], options):
        return option_at(options, whole[1])

    def put(found: re.Match[str]) -> str:
        one = option_at(options, found[1])
        return str(one) if _is_word(one) else found[0]

    return PLACEHOLDER.sub(put, value)


def _is_known(path: str, options: Mapping[str, Any]) -> bool:
    name = path.split(".")[0]
    return name in options and not is_by_platform(options[name])


def _is_word(value: object) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, bool)


def settled(where: str, service: Mapping[str, Any], absent: bool = False) -> dict[str, Any]:
    """Return a service, its options judged and put in their places. absent: it is to go, so its options need not be in order.

    A service without `option_spec` keeps its options as they are. Raises one BadInput with every problem, a line each.
    """
    found = {key: value for key, value in service.items() if key != "option_spec"}
    spec, options = service.get("option_spec"), service.get("options") or {}
    if spec is not None:
        wrong = [] if absent else list(problems("%s.options" % where, spec, options))
        if wrong:
            raise BadInput("\n".join(wrong))
        options = completed(spec, _usable(spec, options) if absent else options)
        found["options"] = options
    if not isinstance(options, Mapping):
        return found
    for key in ITEMS:
        if isinstance(found.get(key), (list, tuple)):
            found[key] = _items("%s.%s" % (where, key), found[key], options)
    found.update({key: filled(found[key], options) for key in VALUES if key in found})
    for key in PATHS:
        if isinstance(found.get(key), Mapping):
            found[key] = _with_absent("%s.%s" % (where, key), found[key], options, files=key == "files")
    return found


def _usable(spec: spec_check.Spec, options: object) -> dict[str, Any]:
    """Return those options that are in order: paths of what goes are made of them."""
    given = options if isinstance(options, Mapping) else {}
    return {name: given[name] for name in given if name in spec and not any(problems("", spec, {name: given[name]}))}


def _items(where: str, items: Iterable[Any], options: Mapping[str, Any]) -> list[Any]:
    """Return the items whose condition holds, each as often as it is asked for, with the options in their places."""
    found = []
    for number, item in enumerate(items):
        if not isinstance(item, Mapping):
            found.append(item)
            continue
        place = "%s[%d]" % (where, number)
        rest = {key: value for key, value in item.items() if key not in (CONDITION, EACH)}
        for known in _rounds(place, item.get(EACH), options):
            if CONDITION not in item or holds("%s.%s" % (place, CONDITION), item[CONDITION], known):
                found.append(filled(rest, known))
    return found


def _rounds(where: str, name: object, options: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the options of each round of an item: the options alone, or with each entry of one of them."""
    if name is None:
        yield options
        return
    entries = option_at(options, str(name))
    if not isinstance(entries, (list, tuple, Mapping)):
        raise bad_input("%s.%s" % (where, EACH), name, "the name of an option that is a list or a mapping", "Write for_each: sites.")
    named = entries.items() if isinstance(entries, Mapping) else enumerate(entries)
    for own, entry in named:
        yield {**options, "item": entry, "item_name": str(own)}


def _with_absent(where: str, paths: Mapping[str, Any], options: Mapping[str, Any], files: bool) -> dict[str, Any]:
    """Return the paths; a file whose condition does not hold is one to take away, for it may have held in an earlier run."""
    found: dict[str, Any] = {}
    for path, entry in paths.items():
        if not isinstance(entry, Mapping) or CONDITION not in entry:
            found[path] = entry
        elif holds("%s[%r].%s" % (where, path, CONDITION), entry[CONDITION], options):
            found[path] = {key: value for key, value in entry.items() if key != CONDITION}
        elif files:
            found[path] = {"absent": True}
    return found
