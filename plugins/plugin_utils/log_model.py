# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is declared of logs: inputs, flows and outputs, judged and completed, whatever engine carries them.

The facet `logs` of the services adds an input for each of their files. Where no flow is declared, everything goes to every output; the log
servers of the fleet are the outputs `log_server_<name>`, and together they are named `log_servers`.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, refuse_unknown_options, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_patterns, service_options
from ansible_collections.groundwork.fleet.plugins.plugin_utils.layers import kind_of
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines import COLLECTOR, RSYSLOG, opentelemetry_collector
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_types import (
    FACILITIES,
    FLOW_KEYS,
    INPUTS,
    LOG_SERVERS,
    NAME,
    PARSERS,
    PATHS,
    POLICIES,
    RESERVED,
    SELECT_KEYS,
    SEVERITIES,
    SIZE,
    TRANSPORTS,
    UNITS,
    WHERE,
    Flow,
    Input,
    Logs,
    Output,
    Select,
)

#: What an engine cannot do of the model, and which lines it drops when a queue is full and nothing is said of that.
REFUSALS = {COLLECTOR: opentelemetry_collector.refusals}
DEFAULT_POLICY = {RSYSLOG: "oldest", COLLECTOR: "newest"}


def parsed(
    declared: Any, services: Iterable[Mapping[str, Any]], servers: Iterable[Mapping[str, Any]], entries: Mapping[str, Any], engine: str
) -> Logs:
    """Return what is declared of the logs of a host.

    declared: fleet_logs. services: the facet `logs`. servers: the log servers, {host, port, name}. entries: the catalogue's log outputs.
    engine: that of the host; an output that it does not have is refused. Raises BadInput with every problem, a line each.
    """
    given = _mapping(WHERE, {} if declared is None else declared)
    refuse_unknown_options(WHERE, given, ("inputs", "flows", "outputs"))
    problems: list[str] = []
    inputs = dict(_collected(problems, _inputs(given.get("inputs") or {}, services)))
    outputs = dict(_collected(problems, _outputs(given.get("outputs") or {}, servers, entries, engine)))
    known_inputs = {*inputs, *map(str, given.get("inputs") or {})}  # one that was refused is not unknown besides
    known_outputs = {*outputs, *map(str, given.get("outputs") or {})}
    flows = dict(_collected(problems, _flows(given.get("flows") or {}, sorted(known_inputs), sorted(known_outputs))))
    if problems:
        raise BadInput("\n".join(problems))
    if not outputs:
        raise bad_input(f"{WHERE}.outputs", {}, "at least one output", "Put a host into the group log_servers, or declare an output.")
    for name, flow in flows.items():
        _refuse_empty(name, flow, inputs)
    logs = Logs(inputs, tuple(flows.values()) or (Flow("everything", tuple(inputs), tuple(outputs)),), outputs)
    problems = list(REFUSALS[engine](logs)) if engine in REFUSALS else []
    if problems:
        raise BadInput("\n".join(problems))
    return logs


def _collected(problems: list[str], found: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    for name, make in found:
        try:
            yield name, make()
        except BadInput as error:
            problems.append(str(error))


def _mapping(where: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise bad_input(where, value, "a mapping", "It is %s: write {name: {…}}." % kind_of(value))
    return value


def _named(where: str, name: object) -> str:
    if not NAME.match(str(name)) or name in RESERVED:
        expected = "a name of small letters, digits and '_' that is none of %s" % ", ".join(sorted(RESERVED))
        raise bad_input(where, name, expected, "It names a folder and a unit on the host.")
    return str(name)


def _words(where: str, value: Any, known: Iterable[str] | None = None, kind: str = "") -> tuple[str, ...]:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, (list, tuple)) or not all(isinstance(one, str) and one for one in items):
        raise bad_input(where, value, "a list of texts", "Write [one, two].")
    for one in items if known is not None else ():
        if one not in (known or ()):
            raise unknown_name(kind, where, one, known or ())
    return tuple(items)


def _inputs(given: Any, services: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
    declared = _mapping(f"{WHERE}.inputs", given)
    if declared.get("journal", {}) is not None:
        yield "journal", lambda: _input("journal", {"type": "journal", **(declared.get("journal") or {})})
    for item in services:
        if item.get("files"):
            name = re.sub(r"[^a-z0-9_]", "_", "service_%s" % item["service"])
            count = sum(1 for one in services if one.get("files") and one["service"] == item["service"])
            if count > 1:
                name += "_%d" % [one for one in services if one["service"] == item["service"]].index(item)
            own = {"type": "files", "paths": item["files"], "service": item["service"]}
            own |= {key: item[key] for key in ("severity", "facility", "multiline") if item.get(key)}
            yield name, lambda name=name, own=own: _input(name, own)
    for name, one in declared.items():
        if name != "journal" and one is not None:
            yield str(name), lambda name=name, one=one: _input(_named(f"{WHERE}.inputs", name), one)


def _input(name: str, value: Any) -> Input:
    where = f"{WHERE}.inputs.{name}"
    options = _mapping(where, value)
    kind = str(options.get("type", "files"))
    if kind not in INPUTS:
        raise unknown_name("type of an input", f"{where}.type", kind, INPUTS)
    refuse_unknown_options(where, options, ("type", *INPUTS[kind]))
    if kind == "syslog":
        return _syslog(name, where, options)
    if kind == "journal":
        return Input(name, kind)
    paths = _words(f"{where}.paths", options.get("paths") or PATHS.get(kind) or [])
    if not paths:
        raise bad_input(f"{where}.paths", [], "at least one path", "Write [/var/log/name/*.log].")
    for path in paths:
        if not path.startswith("/") or '"' in path or "\n" in path:
            raise bad_input(f"{where}.paths", path, "an absolute path", "Write /var/log/name/*.log.")
    multiline = ""
    if options.get("multiline"):
        start = _mapping(f"{where}.multiline", options["multiline"])
        refuse_unknown_options(f"{where}.multiline", start, ("start",))
        multiline = log_patterns.checked(f"{where}.multiline.start", start.get("start"))
    severity, facility = str(options.get("severity", "info")), str(options.get("facility", "local0"))
    _words(f"{where}.severity", severity, SEVERITIES, "severity")
    _words(f"{where}.facility", facility, FACILITIES, "facility")
    service = str(options.get("service") or name)
    if not re.fullmatch(r"[A-Za-z0-9_.@-]{1,48}", service):
        raise bad_input(f"{where}.service", service, "1 to 48 letters, digits and _ . @ -", "It becomes the APP-NAME of RFC 5424.")
    return Input(name, kind, paths, service, severity, facility, multiline)


def _syslog(name: str, where: str, options: Mapping[str, Any]) -> Input:
    transport = str(options.get("transport", "udp"))
    _words(f"{where}.transport", transport, TRANSPORTS, "transport")
    port = options.get("port", TRANSPORTS[transport])
    if transport != "unix" and (isinstance(port, bool) or not isinstance(port, int) or not 1 <= port <= 65535):
        raise bad_input(f"{where}.port", port, "a port from 1 to 65535", "Write a number.")
    path = str(options.get("path") or "")
    if (transport == "unix") != path.startswith("/"):
        raise bad_input(f"{where}.path", path, "the absolute path of the socket, for the transport unix alone", "Write /run/name/log.")
    clients = _words(f"{where}.clients", options.get("clients") or [])
    if (transport in ("tls", "relp")) != bool(clients):
        expected = "the names in the certificates of who may send, for the transports tls and relp alone"
        raise bad_input(f"{where}.clients", list(clients), expected, "Write [name].")
    return Input(name, "syslog", transport=transport, port=port, address=str(options.get("address") or ""), path=path, clients=clients)


def server_output(name: str) -> str:
    """Return the name of the output that a log server of the fleet is."""
    return "log_server_" + re.sub(r"[^a-z0-9_]", "_", name.lower())[:28]


def _outputs(given: Any, servers: Iterable[Mapping[str, Any]], entries: Mapping[str, Any], engine: str) -> Iterator[Any]:
    declared = dict(_mapping(f"{WHERE}.outputs", given))
    common = declared.pop(LOG_SERVERS, {})
    for server in servers if common is not None else ():
        options = {"type": "relp", **{key: server[key] for key in ("host", "port", "name")}, **_mapping(LOG_SERVERS, common)}
        name = server_output(str(server["name"]))
        yield name, lambda name=name, options=options: _output(name, options, entries, engine)
    for name, options in declared.items():
        if options is not None:
            yield str(name), lambda name=name, options=options: _output(_named(f"{WHERE}.outputs", name), options, entries, engine)


def _output(name: str, value: Any, entries: Mapping[str, Any], engine: str) -> Output:
    where = f"{WHERE}.outputs.{name}"
    options = dict(_mapping(where, value))
    kind = str(options.pop("type", ""))
    if kind not in entries:
        raise unknown_name("type of an output", f"{where}.type", kind, entries)
    entry = entries[kind]
    engines = _words(f"catalogue/log_outputs/{kind}.yml: engines", entry.get("engines") or [])
    if engine not in engines:
        reason = (entry.get("why_not") or {}).get(engine, "")
        remedy = "Set log_shipping_engine to %s, or choose another type of output." % " or ".join(engines)
        raise bad_input(f"{where}.type", kind, "a type that the engine %s has" % engine, "%s %s" % (reason, remedy) if reason else remedy)
    policy = str(options.pop("when_full", None) or DEFAULT_POLICY[engine])
    _words(f"{where}.when_full", policy, POLICIES, "policy")
    bound = size(f"{where}.disk", options.pop("disk", "auto"))
    problems = list(service_options.problems(where, entry.get("option_spec") or {}, options))
    if problems:
        raise BadInput("\n".join(problems))
    return Output(name, kind, entry, service_options.completed(entry.get("option_spec") or {}, options), bound, policy)


def size(where: str, value: Any) -> int:
    """Return bytes; 0 for `auto`. Raises BadInput."""
    if value == "auto":
        return 0
    found = SIZE.match(str(value))
    count = int(found[1]) * UNITS[found[2].lower()] if found else 0
    if count < 1 << 20:
        raise bad_input(where, value, "auto, or a size of at least 1m", "Write 500m or 2g.")
    return count


def _flows(given: Any, inputs: list[str], outputs: list[str]) -> Iterator[Any]:
    for name, one in _mapping(f"{WHERE}.flows", given).items():
        if one is not None:
            yield str(name), lambda name=name, one=one: _flow(_named(f"{WHERE}.flows", name), one, inputs, outputs)


def _flow(name: str, value: Any, inputs: list[str], outputs: list[str]) -> Flow:
    where = f"{WHERE}.flows.{name}"
    options = _mapping(where, value)
    refuse_unknown_options(where, options, FLOW_KEYS)
    chosen = _words(f"{where}.inputs", options.get("inputs") or inputs)
    from_inputs = [one for pattern in chosen for one in _named_by(f"{where}.inputs", pattern, inputs, "input")]
    to: list[str] = []
    for pattern in _words(f"{where}.outputs", options.get("outputs") or outputs):
        servers = [one for one in outputs if one.startswith("log_server_")]
        to += servers if pattern == LOG_SERVERS and servers else _named_by(f"{where}.outputs", pattern, outputs, "output")
    redact = options.get("redact") or []
    if not isinstance(redact, (list, tuple)):
        raise bad_input(f"{where}.redact", redact, "a list", "Write [secrets, mail].")
    patterns = [one for number, item in enumerate(redact) for one in log_patterns.redaction(f"{where}.redact[{number}]", item)]
    parse = str(options.get("parse") or "")
    if parse:
        _words(f"{where}.parse", parse, PARSERS, "format")
    sample = options.get("sample", 1)
    if isinstance(sample, bool) or not isinstance(sample, int) or sample < 1:
        raise bad_input(f"{where}.sample", sample, "a whole number from 1", "10 lets one line of ten pass.")
    select = _select(f"{where}.select", options.get("select") or {}, parse)
    drop = _select(f"{where}.drop", options.get("drop") or {}, parse)
    unique = (tuple(dict.fromkeys(one)) for one in (from_inputs, to, patterns))
    return Flow(name, next(unique), next(unique), select, drop, next(unique), parse, sample)


def _named_by(where: str, pattern: str, known: Iterable[str], kind: str) -> list[str]:
    found = [one for one in known if fnmatch.fnmatchcase(one, pattern)]
    if not found:
        raise unknown_name(kind, where, pattern, known)
    return found


def _select(where: str, value: Any, parse: str) -> Select:
    options = _mapping(where, value)
    refuse_unknown_options(where, options, SELECT_KEYS)
    severity = str(options.get("severity") or "")
    if severity:
        _words(f"{where}.severity", severity, SEVERITIES, "severity")
    fields = _mapping(f"{where}.fields", options.get("fields") or {})
    if fields and not parse:
        raise bad_input(f"{where}.fields", dict(fields), "parse beside it", "Without it a line has no fields: write parse: json.")
    for name in fields:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", str(name)):
            raise bad_input(f"{where}.fields", name, "the name of a field", "Letters, digits, _ and -.")
    return Select(
        _words(f"{where}.services", options.get("services") or []),
        severity,
        _words(f"{where}.facilities", options.get("facilities") or [], FACILITIES, "facility"),
        log_patterns.checked(f"{where}.matches", options["matches"]) if options.get("matches") else "",
        {str(name): log_patterns.checked(f"{where}.fields.{name}", pattern) for name, pattern in fields.items()},
    )


def _refuse_empty(name: str, flow: Flow, inputs: Mapping[str, Input]) -> None:
    """Refuse a flow that no line can ever take: its services are those of none of its inputs. Raises BadInput."""
    chosen = [inputs[one] for one in flow.inputs]
    names = [one.service for one in chosen if one.service]
    open_ended = any(one.type in ("journal", "syslog") for one in chosen)
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
    if wanted and wanted == flow.drop:
        raise bad_input(
            f"{WHERE}.flows.{name}.drop", "the same as select", "other lines than those that it selects", "Nothing would be left."
        )
