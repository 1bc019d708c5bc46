# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is declared of logs: inputs, flows and outputs, judged and completed, whatever engine carries them.

The facet `logs` of the services adds an input for each of their files. Where no flow is declared, everything goes to every output; the log
servers of the fleet are the outputs `log_server_<name>`, and together they are named `log_servers`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, refuse_unknown_options, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_flows, log_patterns, log_rotation, service_options
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines import COLLECTOR, RSYSLOG, opentelemetry_collector
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_options import mapping, named, words
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_types import (
    ALL,
    FACILITIES,
    FIRST,
    INPUTS,
    LOG_SERVERS,
    PATHS,
    POLICIES,
    SEVERITIES,
    SIZE,
    TRANSPORTS,
    UNITS,
    WHERE,
    Flow,
    Input,
    Logs,
    Output,
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
    given = mapping(WHERE, {} if declared is None else declared)
    refuse_unknown_options(WHERE, given, ("inputs", "flows", "outputs"))
    problems: list[str] = []
    inputs = dict(_collected(problems, _inputs(given.get("inputs") or {}, services)))
    outputs = dict(_collected(problems, _outputs(given.get("outputs") or {}, servers, entries, engine)))
    known_inputs, known_outputs = ({*found, *_wanted(given.get(kind))} for kind, found in (("inputs", inputs), ("outputs", outputs)))
    flows = dict(_collected(problems, log_flows.flows(given.get("flows") or {}, sorted(known_inputs), sorted(known_outputs))))
    if problems:
        raise BadInput("\n".join(problems))
    if not outputs:
        raise bad_input(f"{WHERE}.outputs", {}, "at least one output", "Put a host into the group log_servers, or declare an output.")
    for name, flow in flows.items():
        log_flows.refuse_useless(name, flow, inputs)
    logs = Logs(inputs, tuple(flows.values()) or (Flow("everything", tuple(inputs), tuple(outputs)),), outputs)
    problems = list(REFUSALS[engine](logs)) if engine in REFUSALS else []
    if problems:
        raise BadInput("\n".join(problems))
    return logs


def _wanted(given: Any) -> set[str]:
    """Return the names that are not taken away; one whose entry was refused is not unknown besides."""
    return {str(name) for name, one in given.items() if one is not None} - {LOG_SERVERS} if isinstance(given, Mapping) else set()


def _collected(problems: list[str], found: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    for name, make in found:
        try:
            yield name, make()
        except BadInput as error:
            problems.append(str(error))


def _inputs(given: Any, services: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
    declared = mapping(f"{WHERE}.inputs", given)
    if declared.get("journal", {}) is not None:
        yield "journal", lambda: _input("journal", {"type": "journal", **(declared.get("journal") or {})})
    for item in services:
        if item.get("files"):
            name = re.sub(r"[^a-z0-9_]", "_", "service_%s" % item["service"])
            count = sum(1 for one in services if one.get("files") and one["service"] == item["service"])
            if count > 1:
                name += "_%d" % [one for one in services if one["service"] == item["service"]].index(item)
            own = {"type": "files", "paths": item["files"], "service": item["service"]}
            own |= {key: item[key] for key in ("severity", "facility", "multiline", "rotate") if item.get(key) not in (None, "")}
            yield name, lambda name=name, own=own: _input(name, own)
    for name, one in declared.items():
        if name != "journal" and one is not None:
            yield str(name), lambda name=name, one=one: _input(named(f"{WHERE}.inputs", name), one)


def _input(name: str, value: Any) -> Input:
    where = f"{WHERE}.inputs.{name}"
    options = mapping(where, value)
    kind = str(options.get("type", "files"))
    if kind not in INPUTS:
        raise unknown_name("type of an input", f"{where}.type", kind, INPUTS)
    refuse_unknown_options(where, options, ("type", *INPUTS[kind]))
    if kind == "syslog":
        return _syslog(name, where, options)
    if kind in ("journal", "auth"):
        if name != kind:
            raise bad_input(f"{where}.type", kind, "a type that is not there yet", "There is one journal: name the input %s." % kind)
        return Input(name, kind)
    paths = words(f"{where}.paths", options.get("paths") or PATHS.get(kind) or [])
    if not paths:
        raise bad_input(f"{where}.paths", [], "at least one path", "Write [/var/log/name/*.log].")
    for path in paths:
        if not path.startswith("/") or '"' in path or "\n" in path:
            raise bad_input(f"{where}.paths", path, "an absolute path", "Write /var/log/name/*.log.")
    multiline = ""
    if options.get("multiline"):
        start = mapping(f"{where}.multiline", options["multiline"])
        refuse_unknown_options(f"{where}.multiline", start, ("start",))
        multiline = log_patterns.checked(f"{where}.multiline.start", start.get("start"))
    severity, facility = str(options.get("severity", "info")), str(options.get("facility", "local0"))
    words(f"{where}.severity", severity, SEVERITIES, "severity")
    words(f"{where}.facility", facility, FACILITIES, "facility")
    service = str(options.get("service") or name)
    if not re.fullmatch(r"[A-Za-z0-9_.@-]{1,48}", service):
        raise bad_input(f"{where}.service", service, "1 to 48 letters, digits and _ . @ -", "It becomes the APP-NAME of RFC 5424.")
    rotation = log_rotation.parsed(f"{where}.rotate", options["rotate"]) if options.get("rotate") is not None else None
    return Input(name, kind, paths, service, severity, facility, multiline, rotation=rotation)


def _syslog(name: str, where: str, options: Mapping[str, Any]) -> Input:
    transport = str(options.get("transport", "udp"))
    words(f"{where}.transport", transport, TRANSPORTS, "transport")
    port = options.get("port", TRANSPORTS[transport])
    if transport != "unix" and (isinstance(port, bool) or not isinstance(port, int) or not 1 <= port <= 65535):
        raise bad_input(f"{where}.port", port, "a port from 1 to 65535", "Write a number.")
    path = str(options.get("path") or "")
    if (transport == "unix") != path.startswith("/"):
        raise bad_input(f"{where}.path", path, "the absolute path of the socket, for the transport unix alone", "Write /run/name/log.")
    clients = words(f"{where}.clients", options.get("clients") or [])
    if (transport in ("tls", "relp")) != bool(clients):
        expected = "the names in the certificates of who may send, for the transports tls and relp alone"
        raise bad_input(f"{where}.clients", list(clients), expected, "Write [name].")
    return Input(name, "syslog", transport=transport, port=port, address=str(options.get("address") or ""), path=path, clients=clients)


def server_output(name: str) -> str:
    """Return the name of the output that a log server of the fleet is."""
    return "log_server_" + re.sub(r"[^a-z0-9_]", "_", name.lower())[:28]


def _outputs(given: Any, servers: Iterable[Mapping[str, Any]], entries: Mapping[str, Any], engine: str) -> Iterator[Any]:
    declared = dict(mapping(f"{WHERE}.outputs", given))
    given_common = declared.pop(LOG_SERVERS, {})
    common = dict(mapping(f"{WHERE}.outputs.{LOG_SERVERS}", {} if given_common is None else given_common))
    way = common.pop("servers", ALL)
    known = [{key: server[key] for key in ("host", "port", "name")} for server in servers] if given_common is not None else []
    if way != ALL and known:
        yield LOG_SERVERS, lambda: _first_available(way, common, known, entries, engine)
        known = []
    for server in known:
        options = {"type": "relp", **server, **common}
        name = server_output(str(server["name"]))
        yield name, lambda name=name, options=options: _output(name, options, entries, engine)
    for name, options in declared.items():
        if options is not None:
            yield str(name), lambda name=name, options=options: _output(named(f"{WHERE}.outputs", name), options, entries, engine)


def _first_available(way: Any, common: Mapping[str, Any], servers: list[dict[str, Any]], entries: Mapping[str, Any], engine: str) -> Output:
    """Return the one output that all log servers are together."""
    where = f"{WHERE}.outputs.{LOG_SERVERS}"
    words(f"{where}.servers", way, (ALL, FIRST), "way to use the log servers")
    options = {"type": "relp", **common}
    kind = str(options["type"])
    able = [name for name, entry in entries.items() if "alternatives" in (entry.get("option_spec") or {})]
    if kind not in able or engine not in entries[kind]["engines"]:
        why = "the engine %s" % engine if kind in able else "the type %s" % kind
        remedy = "It would lose what a server has not acknowledged. Only %s of the engine rsyslog turns to another server." % ", ".join(
            able
        )
        raise bad_input(f"{where}.servers", way, "%s with %s" % (ALL, why), remedy)
    shared = {key: common[key] for key in ("host", "port", "name") if key in common}
    first, *others = ({**server, **shared} for server in servers)
    return _output(LOG_SERVERS, {**options, **first, "alternatives": others}, entries, engine)


def connection(servers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the options of a health check `connection` to the first of some servers, or to one of the others."""
    first, *others = servers
    found = {"host": first["host"], "port": first["port"]}
    return {**found, "others": ["%s:%s" % (one["host"], one["port"]) for one in others]} if others else found


def is_one_output(declared: Any) -> bool:
    """Return whether lines go to the first log server that answers. declared: fleet_logs."""
    outputs = declared.get("outputs") if isinstance(declared, Mapping) else None
    common = outputs.get(LOG_SERVERS) if isinstance(outputs, Mapping) else None
    return isinstance(common, Mapping) and common.get("servers") == FIRST


def _output(name: str, value: Any, entries: Mapping[str, Any], engine: str) -> Output:
    where = f"{WHERE}.outputs.{name}"
    options = dict(mapping(where, value))
    kind = str(options.pop("type", ""))
    if kind not in entries:
        raise unknown_name("type of an output", f"{where}.type", kind, entries)
    entry = entries[kind]
    engines = words(f"catalogue/log_outputs/{kind}.yml: engines", entry.get("engines") or [])
    if engine not in engines:
        reason = (entry.get("why_not") or {}).get(engine, "")
        remedy = "Set log_shipping_engine to %s, or choose another type of output." % " or ".join(engines)
        raise bad_input(f"{where}.type", kind, "a type that the engine %s has" % engine, "%s %s" % (reason, remedy) if reason else remedy)
    policy = str(options.pop("when_full", None) or DEFAULT_POLICY[engine])
    words(f"{where}.when_full", policy, POLICIES, "policy")
    bound = size(f"{where}.disk", options.pop("disk", "auto"))
    problems = list(service_options.problems(where, entry.get("option_spec") or {}, options))
    if problems:
        raise BadInput("\n".join(problems))
    output = Output(name, kind, entry, service_options.completed(entry.get("option_spec") or {}, options), bound, policy)
    names = [str(server["name"]) for server in output.servers]
    if len(names) > len(set(names)):
        raise bad_input(f"{where}.alternatives", names, "servers of different names", "By its name one is told from the other.")
    return output


def bounds(declared: Any) -> list[dict[str, Any]]:
    """Return what is declared of the disk that outputs may take: variable, value and bytes of each. declared: fleet_logs, in order."""
    outputs = (declared or {}).get("outputs") or {}
    given = {f"{WHERE}.outputs.{name}.disk": one.get("disk") for name, one in outputs.items() if one}
    asked = {where: value for where, value in given.items() if value not in (None, "auto")}
    return [{"variable": where, "value": str(value), "bytes": size(where, value)} for where, value in asked.items()]


def size(where: str, value: Any) -> int:
    """Return bytes; 0 for `auto`. Raises BadInput."""
    if value == "auto":
        return 0
    found = SIZE.match(str(value))
    count = int(found[1]) * UNITS[found[2].lower()] if found else 0
    if count < 1 << 20:
        raise bad_input(where, value, "auto, or a size of at least 1m", "Write 500m or 2g.")
    return count
