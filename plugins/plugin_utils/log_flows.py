# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flows that are declared of logs, judged and completed."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, refuse_unknown_options, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_patterns
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_options import mapping, named, words
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_types import (
    AUTH_FACILITIES,
    FACILITIES,
    FLOW_KEYS,
    LOG_SERVERS,
    OPEN_ENDED,
    PARSERS,
    SELECT_KEYS,
    SEVERITIES,
    WHERE,
    Flow,
    Input,
    Limit,
    Select,
)

#: rsyslog's re_extract() knows no more groups of a pattern than this.
MOST_GROUPS = 40


def flows(given: Any, inputs: list[str], outputs: list[str]) -> Iterator[Any]:
    """Yield the name of each flow and what makes it, which raises BadInput. inputs, outputs: the names that there are."""
    for name, one in mapping(f"{WHERE}.flows", given).items():
        if one is not None:
            yield str(name), lambda name=name, one=one: _flow(named(f"{WHERE}.flows", name), one, inputs, outputs)


def _flow(name: str, value: Any, inputs: list[str], outputs: list[str]) -> Flow:
    where = f"{WHERE}.flows.{name}"
    options = mapping(where, value)
    refuse_unknown_options(where, options, FLOW_KEYS)
    chosen = words(f"{where}.inputs", options.get("inputs") or inputs)
    from_inputs = [one for pattern in chosen for one in _named_by(f"{where}.inputs", pattern, inputs, "input")]
    to: list[str] = []
    for pattern in words(f"{where}.outputs", options.get("outputs") or outputs):
        servers = [one for one in outputs if one.startswith("log_server_") or one == LOG_SERVERS]
        to += servers if pattern == LOG_SERVERS and servers else _named_by(f"{where}.outputs", pattern, outputs, "output")
    redact = options.get("redact") or []
    if not isinstance(redact, (list, tuple)):
        raise bad_input(f"{where}.redact", redact, "a list", "Write [secrets, mail].")
    patterns = [one for number, item in enumerate(redact) for one in log_patterns.redaction(f"{where}.redact[{number}]", item)]
    parse, matches, fields = _parse(f"{where}.parse", options.get("parse"))
    sample = options.get("sample", 1)
    if isinstance(sample, bool) or not isinstance(sample, int) or sample < 1:
        raise bad_input(f"{where}.sample", sample, "a whole number from 1", "10 lets one line of ten pass.")
    select = _select(f"{where}.select", options.get("select") or {}, parse, fields)
    drop = _select(f"{where}.drop", options.get("drop") or {}, parse, fields)
    limit = _limit(f"{where}.rate_limit", options["rate_limit"]) if options.get("rate_limit") else None
    unique = (tuple(dict.fromkeys(one)) for one in (from_inputs, to, patterns))
    return Flow(name, next(unique), next(unique), select, drop, next(unique), parse, sample, limit, matches, fields)


def _parse(where: str, value: Any) -> tuple[str, str, tuple[str, ...]]:
    """Return the format; for a pattern of one's own `regex`, the pattern, and the names of its groups."""
    if not isinstance(value, Mapping):
        if value:
            words(where, value, PARSERS, "format")
        return str(value or ""), "", ()
    refuse_unknown_options(where, value, ("matches", "fields"))
    matches = log_patterns.checked(f"{where}.matches", value.get("matches"))
    fields = words(f"{where}.fields", value.get("fields") or [])
    for name in fields:
        _field(f"{where}.fields", name)
    groups = log_patterns.groups(matches)
    if len(fields) != groups or not groups or len(set(fields)) != groups or groups > MOST_GROUPS:
        expected = "a name of its own for each of the 1 to %d groups of the pattern" % MOST_GROUPS
        raise bad_input(f"{where}.fields", list(fields), expected, "The pattern has %d groups in parentheses." % groups)
    return "regex", matches, fields


def _field(where: str, name: object) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", str(name)):
        raise bad_input(where, name, "the name of a field", "Letters, digits, _ and -.")
    return str(name)


def _limit(where: str, value: Any) -> Limit:
    options = mapping(where, value)
    refuse_unknown_options(where, options, ("lines", "seconds"))
    for key, given in (("lines", options.get("lines")), ("seconds", options.get("seconds", 1))):
        if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= 10**9:
            raise bad_input(f"{where}.{key}", given, "a whole number from 1", "{lines: 100, seconds: 1} lets 100 lines a second pass.")
    return Limit(int(options["lines"]), int(options.get("seconds", 1)))


def _named_by(where: str, pattern: str, known: Iterable[str], kind: str) -> list[str]:
    found = [one for one in known if fnmatch.fnmatchcase(one, pattern)]
    if not found:
        raise unknown_name(kind, where, pattern, known)
    return found


def _select(where: str, value: Any, parse: str, known: tuple[str, ...]) -> Select:
    options = mapping(where, value)
    refuse_unknown_options(where, options, SELECT_KEYS)
    severity = str(options.get("severity") or "")
    if severity:
        words(f"{where}.severity", severity, SEVERITIES, "severity")
    fields = mapping(f"{where}.fields", options.get("fields") or {})
    if fields and not parse:
        raise bad_input(f"{where}.fields", dict(fields), "parse beside it", "Without it a line has no fields: write parse: json.")
    for name in fields:
        _field(f"{where}.fields", name)
        if parse == "regex" and name not in known:
            raise unknown_name("field", f"{where}.fields", str(name), known)
    return Select(
        words(f"{where}.services", options.get("services") or []),
        severity,
        words(f"{where}.facilities", options.get("facilities") or [], FACILITIES, "facility"),
        log_patterns.checked(f"{where}.matches", options["matches"]) if options.get("matches") else "",
        {str(name): log_patterns.checked(f"{where}.fields.{name}", pattern) for name, pattern in fields.items()},
    )


def refuse_useless(name: str, flow: Flow, inputs: Mapping[str, Input]) -> None:
    """Refuse a flow that no line can take, or whose limit has no sources. inputs: all that there are. Raises BadInput."""
    _refuse_empty(name, flow, inputs)
    _refuse_endless(name, flow, inputs)


def _refuse_empty(name: str, flow: Flow, inputs: Mapping[str, Input]) -> None:
    """Refuse a flow that no line can ever take: its services are those of none of its inputs. Raises BadInput."""
    chosen = [inputs[one] for one in flow.inputs]
    names = [one.service for one in chosen if one.service]
    open_ended = any(one.type in OPEN_ENDED for one in chosen)
    where, wanted = f"{WHERE}.flows.{name}.select", flow.select
    if wanted.services and not open_ended and not any(fnmatch.fnmatchcase(one, each) for each in wanted.services for one in names):
        raise bad_input(f"{where}.services", list(wanted.services), "a service of one of its inputs", "Those have: %s." % ", ".join(names))
    files = [one for one in chosen if one.service]
    if files and not open_ended:
        if wanted.severity and all(SEVERITIES.index(one.severity) > SEVERITIES.index(wanted.severity) for one in files):
            found = ", ".join(sorted({one.severity for one in files}))
            raise bad_input(f"{where}.severity", wanted.severity, "a severity that its inputs have", "Those have: %s." % found)
        if wanted.facilities and not any(one.facility in wanted.facilities for one in files):
            found = ", ".join(sorted({one.facility for one in files}))
            raise bad_input(f"{where}.facilities", list(wanted.facilities), "a facility that its inputs have", "Those have: %s." % found)
    if wanted.facilities and all(one.type == "auth" for one in chosen) and not set(wanted.facilities) & set(AUTH_FACILITIES):
        remedy = "Those have: %s." % ", ".join(AUTH_FACILITIES)
        raise bad_input(f"{where}.facilities", list(wanted.facilities), "a facility that its inputs have", remedy)
    if wanted and wanted == flow.drop:
        raise bad_input(
            f"{WHERE}.flows.{name}.drop", "the same as select", "other lines than those that it selects", "Nothing would be left."
        )


def _refuse_endless(name: str, flow: Flow, inputs: Mapping[str, Input]) -> None:
    """Refuse a limit per source where the sources cannot be told: an input of many services whose names nobody gave. Raises BadInput."""
    many = [one for one in flow.inputs if inputs[one].type in OPEN_ENDED]
    if flow.limit and many and (not flow.select.services or any("*" in one for one in flow.select.services)):
        expected = "the names of services in select.services, for %s carries those of many" % ", ".join(many)
        remedy = "Name each without '*', choose inputs of files, or bound every service at the journal by log_shipping_journal_burst."
        raise bad_input(f"{WHERE}.flows.{name}.rate_limit", {"lines": flow.limit.lines, "seconds": flow.limit.seconds}, expected, remedy)
