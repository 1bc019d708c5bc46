# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what a playbook declares to health checks that can be run."""

from __future__ import annotations

import dataclasses
import re
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import health_expect
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.module_utils.health import Check, CheckType, each_named, each_named_hidden
from ansible_collections.groundwork.fleet.plugins.module_utils.health_expect import Coercion, Expectation, Expected

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATIONS = ("delay", "timeout", "stable_for")
SETTINGS = ("retries", *_DURATIONS, "passes", "warn", "requires")
_WORDS = {"str": "a string", "int": "an integer", "bool": "true or false", "float": "a number or a duration"}
_NAMED = (each_named, each_named_hidden)
_ADDRESS = re.compile(r"^https?://[^/\s]")


def seconds(value: Any, where: str) -> float:
    """Return a duration in seconds: a number, or a number with ms, s, m or h."""
    match = re.match(r"^(\d+(?:\.\d+)?)\s*(ms|s|m|h)?$", "" if isinstance(value, bool) else str(value).strip())
    if not match:
        raise bad_input(where, value, "seconds or a duration", "Write 10, 2.5, 500ms, 10s, 2m or 1h.")
    return float(match.group(1)) * _UNITS[match.group(2) or "s"]


class _Kind(NamedTuple):
    """The type of an option: of one value, and whether it is a list or a mapping of such."""

    item: str
    many: bool
    named: bool


def _kind(field: Any) -> _Kind:
    """Read an option's annotation: str, int, float, bool or Any, Optional, Sequence or Mapping of it."""
    hint = re.sub(r"\s", "", field.type if isinstance(field.type, str) else getattr(field.type, "__name__", "Any"))
    hint = re.sub(r"^Optional\[(.*)\]$|^(.*)\|None$", lambda found: found.group(1) or found.group(2), hint)
    outer, _bracket, inner = hint.partition("[")
    if outer in ("Sequence", "List", "list", "Mapping", "Dict", "dict"):
        return _Kind(inner.rstrip("]").split(",")[-1] or "Any", outer in ("Sequence", "List", "list"), outer in ("Mapping", "Dict", "dict"))
    return _Kind(hint, False, False)


def _one(value: Any, kind: str, where: str) -> Any:
    if kind == "bool" and str(value).lower() in ("true", "yes", "on", "false", "no", "off"):
        return str(value).lower() in ("true", "yes", "on")
    if kind == "int" and not isinstance(value, bool) and re.match(r"^-?\d+$", str(value)):
        return int(value)
    if kind == "int" and isinstance(value, str) and re.match(r"^\d+(\.\d+)?\s*([kMGT]i?B|%)$", value):
        return int(health_expect.quantity(value, where))
    if kind == "float":
        return float(health_expect.quantity(value, where))
    if kind == "str" and isinstance(value, str):
        return str(value)
    if kind == "Any":
        return value
    raise bad_input(where, value, _WORDS.get(kind, kind), "Quote it." if kind == "str" else "Correct the value.")


def _coerced(value: Any, kind: _Kind, where: str) -> Any:
    if kind.named:
        if not isinstance(value, Mapping):
            raise bad_input(where, value, "a mapping", "Write {name: value}.")
        return {str(key): _one(item, kind.item, "%s.%s" % (where, key)) for key, item in value.items()}
    if kind.many:
        return [_one(item, kind.item, where) for item in (value if isinstance(value, list) else [value])]
    return _one(value, kind.item, where)


def _expectation(field: Any, value: Any, where: str) -> Any:
    """Return what an option that expects is held to: a plain value, an Expectation, or such by name."""
    relation, kind = field.metadata["expects"], _kind(field)
    named = "version" if field.metadata.get("unit") == "version" else kind.item
    single = Coercion(lambda given, place: _one(given, kind.item, place), lambda given, place: _one(given, kind.item, place), named)
    if relation in _NAMED:
        if not isinstance(value, Mapping) or not value:
            raise bad_input(where, value, "a mapping of names to expectations", "Write {name: {at_least: 1}}.")
        return {str(key): health_expect.parse(item, "%s.%s" % (where, key), single, relation) for key, item in value.items()}
    if relation.words == "matching" and not isinstance(value, Mapping):
        return health_expect.pattern(single.item(value, where), where)
    coercion = single._replace(plain=lambda given, place: _coerced(given, kind, place))
    parsed = health_expect.parse(value, where, coercion, relation)
    return parsed.operand if parsed.matcher == "plain" else parsed


def expected(options: Any) -> List[Expected]:
    """Return what the options of a check expect of which fact."""
    found = []
    for field in dataclasses.fields(options):
        relation, wanted = field.metadata["expects"], getattr(options, field.name)
        if relation is None or wanted is None:
            continue
        fact, unit = field.metadata["fact"] or field.name, field.metadata.get("unit", "")
        if relation in _NAMED:
            named = wanted.items()
            found += [
                Expected("%s %s" % (fact, key), item, relation.shows_observed) for key, item in named if isinstance(item, Expectation)
            ]
            continue
        one = wanted if isinstance(wanted, Expectation) else Expectation("plain", wanted, relation)
        found.append(Expected(fact, one, relation.shows_observed, unit))
    return found


def _refuse_impossible(name: str, value: Any, where: str) -> None:
    """Refuse what no option of this name can be, whatever the type of the check."""
    if name == "port" and not 1 <= value <= 65535:
        raise bad_input(where, value, "a port from 1 to 65535", "Correct the value.")
    if name == "url" and not _ADDRESS.match(value):
        bare = re.sub(r"://[^/@\s]+@", "://***@", value)
        raise bad_input(where, bare, "an address that begins with http:// or https://", "Write the whole address.")
    if name == "path" and isinstance(value, str) and not value.startswith(("/", "@")):  # @: a socket without a file
        raise bad_input(where, value, "an absolute path", "Begin it with /: a check has no folder of its own.")
    if name == "mode" and isinstance(value, str) and not re.match(r"^[0-7]{4}$", value):
        raise bad_input(where, value, "four octal digits", 'Write mode: "0644".')


def _refuse_unknown(field: Any, value: Any, where: str) -> None:
    """Refuse a value that the fact cannot have, wherever the expectation names it."""
    choices = field.metadata.get("choices")
    named = health_expect.values_named(value if isinstance(value, Expectation) else Expectation("plain", value)) if choices else []
    for one in named:
        if one not in choices:
            raise unknown_name(field.name, where, str(one), choices)


def _fields(check_type: CheckType) -> Dict[str, Any]:
    return {field.name: field for field in dataclasses.fields(check_type.options)}


def _values(check_type: CheckType, given: Any, where: str, expecting: bool) -> Dict[str, Any]:
    if not isinstance(given, Mapping):
        raise bad_input(where, given, "a mapping of options", "Write %s: {option: value}." % check_type.name)
    fields = _fields(check_type)
    known = [name for name, field in fields.items() if field.metadata["expects"] is not None or not expecting]
    values = {}
    for key, value in given.items():
        if key not in known:
            raise unknown_name("%s of a %s check" % ("expectation" if expecting else "option", check_type.name), where, str(key), known)
        here, field = "%s.%s" % (where, key), fields[key]
        if value is not None:
            values[key] = _coerced(value, _kind(field), here) if field.metadata["expects"] is None else _expectation(field, value, here)
            _refuse_impossible(key, values[key], here)
            _refuse_unknown(fields[key], values[key], here)
    return values


def _options(check_type: CheckType, given: Any, where: str) -> Any:
    values = _values(check_type, given, where, False)
    for name, field in _fields(check_type).items():
        required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if required and name not in values:
            remedy = "Add %s: %s." % (name, field.metadata["help"])
            raise bad_input("%s.%s" % (where, name), None, "a value", remedy)
    options = check_type.options(**values)
    problem = check_type.problem(options) if check_type.problem else ""
    if problem:
        raise bad_input(where, sorted(given), "options that go together", problem)
    return options


def _refuse_contradictions(options: Any, where: str, more: Iterable[Expected] = ()) -> None:
    """Refuse expectations that cannot be met together. more: those of `warn`."""
    facts: Dict[str, List[Expectation]] = {}
    for one in (*expected(options), *more):
        facts.setdefault(one.fact, []).append(one.expectation)
    for fact, wanted in facts.items():
        if health_expect.contradictory(Expectation("all", wanted)):
            words = " and ".join(health_expect.text(one, str) for one in wanted)
            raise bad_input(_place(options, fact, where), words, "what `%s` can be" % fact, "It contradicts itself: nothing meets it.")
    gone = next((field for field in dataclasses.fields(options) if _is_absent(field, options)), None)
    others = [fact for fact in facts if gone is not None and fact != (gone.metadata["fact"] or gone.name)]
    if gone is not None and others:
        remedy = "It contradicts itself: where `%s` is false there is nothing else to observe." % gone.name
        raise bad_input(where, "%s false and %s" % (gone.name, ", ".join(others)), "what can be met together", remedy)


def _place(options: Any, fact: str, where: str) -> str:
    """Return the place of the one option that expects something of a fact; `where` itself where several do."""
    names = []
    for field in dataclasses.fields(options):
        own = field.metadata["fact"] or field.name
        if field.metadata["expects"] is not None and getattr(options, field.name) is not None and (fact + " ").startswith(own + " "):
            names.append(".".join(filter(None, (where, field.name, fact[len(own) + 1 :]))))
    return names[0] if len(names) == 1 else where


def _is_absent(field: Any, options: Any) -> bool:
    """Tell whether an option says that what the check looks at is not there."""
    wanted = getattr(options, field.name)
    plain = wanted.operand if isinstance(wanted, Expectation) and wanted.matcher == "equals" else wanted
    return bool(field.metadata.get("presence")) and plain is False


def _warned(check: Check, given: Any, where: str) -> Dict[str, Any]:
    """Return the settings that `warn` makes: its expectations, and the options with which `observe` gathers all facts."""
    values = _values(check.type, given, where, True)
    if not values:
        raise bad_input(where, given, "at least one expectation", "Write warn: {option: {at_least: 1}}.")
    wanted = dataclasses.replace(check.options, **values)
    names = {field.metadata["fact"] or name for name, field in _fields(check.type).items() if name in values}
    lacking = {name: value for name, value in values.items() if getattr(check.options, name) is None}
    for name in values:
        if isinstance(getattr(check.options, name), Mapping):
            lacking[name] = {**getattr(check.options, name), **values[name]}
    warn = [one for one in expected(wanted) if any(one.fact == name or one.fact.startswith(name + " ") for name in names)]
    unchanged = expected(check.options)
    warn = [one for one in warn if one not in unchanged]
    _refuse_contradictions(wanted, where)
    _refuse_contradictions(check.options, where, warn)
    for one in warn:
        checked = next((other.expectation for other in unchanged if other.fact == one.fact), None)
        if checked is not None and health_expect.never_unmet(one.expectation, checked):
            words = "%s, where the check wants %s" % tuple(health_expect.text(each, str) for each in (one.expectation, checked))
            remedy = "It could never warn: where it is not met the check has failed."
            raise bad_input(_place(wanted, one.fact, where), words, "what is stricter than the check", remedy)
    return {"warn": tuple(warn), "look": dataclasses.replace(check.options, **lacking)}


def required(names: Any) -> Tuple[str, ...]:
    """Return the names of checks that a check requires; one may stand without a list."""
    return tuple(str(name) for name in (names if isinstance(names, list) else [names] if names else []))


def _settings(given: Mapping[str, Any], here: str) -> Dict[str, Any]:
    found: Dict[str, Any] = {key: seconds(given[key], "%s.%s" % (here, key)) for key in _DURATIONS if given.get(key) is not None}
    if found.get("timeout") == 0:
        raise bad_input("%s.timeout" % here, given["timeout"], "more than 0 seconds", "Leave it out for 10 s.")
    for key, default, least in (("retries", 0, 0), ("passes", 1, 1)):
        value = default if given.get(key) is None else _one(given[key], "int", "%s.%s" % (here, key))
        if value < least:
            raise bad_input("%s.%s" % (here, key), given[key], "%d or more" % least, "Correct the value.")
        found[key] = value
    found["requires"] = required(given.get("requires"))
    return found


def _cycle(requires: Mapping[str, Sequence[str]]) -> Optional[List[str]]:
    """Return the names of checks that hang on each other in a circle, the first once more at the end."""
    done: Dict[str, bool] = {}

    def follow(name: str, path: Tuple[str, ...]) -> Optional[List[str]]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name not in done:
            for required in requires[name]:
                found = follow(required, (*path, name))
                if found:
                    return found
            done[name] = True
        return None

    return next(filter(None, (follow(name, ()) for name in requires)), None)


def wrong_requires(requires: Mapping[str, Sequence[str]], place: Callable[[str], str]) -> Iterator[BadInput]:
    """Yield what is wrong with the names of checks that others require: unknown ones, or a circle.

    requires: every check of the host to the names that it requires. place: what an error calls the check of a name.
    """
    unknown = [(name, required) for name, names in requires.items() for required in names if required not in requires]
    for name, required in unknown:
        yield unknown_name("check", place(name) + ".requires", required, requires)
    cycle = None if unknown else _cycle(requires)
    if cycle:
        expected = "checks that do not hang on each other in a circle"
        yield bad_input(place(cycle[0]) + ".requires", " -> ".join(cycle), expected, "Take one of them out.")


def parse(
    declared: Any, known: Iterable[str], load: Callable[[str], CheckType], total: float, where: str = "checks", whole: bool = True
) -> List[Check]:
    """Judge the input and return the checks; `known` are the names of all types, `load` fetches one.

    whole: False where `declared` is a part of all checks, so that `requires` may name others.
    """
    if not isinstance(declared, Mapping):
        raise bad_input(where, declared, "a mapping of names to checks", "Write name: {tcp: {port: 22}}.")
    types = sorted(known)
    checks: Dict[str, Check] = {}
    for name, given in declared.items():
        here = "%s.%s" % (where, name)
        if not isinstance(given, Mapping):
            raise bad_input(here, given, "a mapping with one check type", "Write {tcp: {port: 22}}.")
        for key in given:
            if key not in types and key not in SETTINGS:
                raise unknown_name("check type or setting", here, str(key), [*types, *SETTINGS])
        used = [key for key in given if key in types]
        if len(used) != 1:
            remedy = "Give each check its own name and one of: %s." % ", ".join(types)
            raise bad_input(here, sorted(given), "exactly one check type", remedy)
        check_type, inside = load(used[0]), here + "." + used[0]
        check = Check(str(name), check_type, _options(check_type, given[used[0]], inside), **_settings(given, here))
        _refuse_contradictions(check.options, inside)
        if given.get("warn") is not None:
            check = dataclasses.replace(check, **_warned(check, given["warn"], here + ".warn"))
        if check.stable_for >= total:
            remedy = "Raise `timeout` or lower `stable_for`."
            raise bad_input(here + ".stable_for", given["stable_for"], "less than the total timeout %g s" % total, remedy)
        checks[check.name] = check
    if whole:
        for error in wrong_requires({name: check.requires for name, check in checks.items()}, lambda name: "%s.%s" % (where, name)):
            raise error
    return list(checks.values())
