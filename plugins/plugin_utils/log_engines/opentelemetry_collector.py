# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The logs of a host carried by the OpenTelemetry Collector: one process, in which each output has a queue of its own on the disk.

    receiver → logs/from_INPUT → forward/flow_FLOW → logs/flow_FLOW → forward/to_OUTPUT → logs/to_OUTPUT → queue → exporter

Nothing between a receiver and a queue holds records (no batch processor, no channel), and receivers note how far they have read only after
the queues have what they handed on: that needs the feature `stanza.synchronousLogEmitter` (docs/adr/0017). The configuration is JSON, which
is YAML too. Names of components are those of the contrib distribution 0.160 and later.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_ottl, log_types
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines import Rendered, Setting
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines.rsyslog import ENTERPRISE
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_options import filled

FEATURES = "stanza.synchronousLogEmitter"
PLACES, QUEUE = "file_storage/places", "file_storage/queue"
CONFIGURATION, DRAIN = "collector.json", "drain.json"
ADDRESS, PORT = "127.0.0.1", 8898  # where it tells its figures
#: Records in a request; requests of an output at once. What they hold is sent again after an unclean end.
BATCH, AT_ONCE = 2048, 2
SENT_AGAIN = BATCH * (AT_ONCE + 1)
#: Entries of the journal that are read again after an unclean end: the receiver notes its place just before it hands an entry on.
JOURNAL_AGAIN = 64
LINE_BYTES = "64KiB"
POLL = "250ms"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - an input without an address listens on all, as it does with rsyslog
ROTATED = (".[0-9]*", "-[0-9]*")
PACKED = ("gz", "bz2", "xz", "zst", "Z")
#: PRIORITY of the journal to the names of stanza's severities.
PRIORITIES = {"fatal": "0", "error3": "1", "error2": "2", "error": "3", "warn": "4", "info2": "5", "info": "6", "debug": "7"}


class Reference(str):
    """A text whose ${…} the collector fills in; in every other text a $ stands for itself."""


def bound_name(output: str) -> str:
    """Return the variable of the environment that has the bound of an output, in bytes."""
    return "GROUNDWORK_LOG_BOUND_%s" % output.upper()


def credential(output: str, option: str) -> str:
    """Return the name of the credential that has the value of a secret option."""
    return f"{output}.{option}"


def secrets(output: log_types.Output) -> Iterator[tuple[str, str]]:
    """Yield the credentials of an output: name and value."""
    for option in output.entry["collector"].get("secrets") or ():
        if output.options.get(option):
            yield credential(output.name, option), str(output.options[option])


def refusals(logs: log_types.Logs) -> Iterator[str]:
    """Yield a refusal for everything that the collector cannot do and another engine can."""
    for source in logs.inputs.values():
        where = f"{log_types.WHERE}.inputs.{source.name}.transport"
        if source.transport in ("unix", "relp"):
            yield _refusal(where, source.transport, "udp or tcp", "The collector has no such receiver.")
        if source.transport == "tls":
            said = "The collector does not look at the name in a sender's certificate, so clients could not be kept."
            yield _refusal(where, source.transport, "udp or tcp", said)
    for output in logs.outputs.values():
        yield from _of_output(output)
    files = {one.options["credentials_file"] for one in logs.outputs.values() if one.options.get("credentials_file")}
    if len(files) > 1:
        where = f"{log_types.WHERE}.outputs: credentials_file"
        yield str(bad_input(where, sorted(files), "the same file at each output", "The collector reads one file: put profiles into it."))
    for flow in logs.flows:
        yield from _of_flow(flow)


def _refusal(where: str, value: object, expected: str, reason: str) -> str:
    return str(bad_input(where, value, f"{expected} with this engine", f"{reason} Set log_shipping_engine to rsyslog."))


def _of_output(output: log_types.Output) -> Iterator[str]:
    where = f"{log_types.WHERE}.outputs.{output.name}"
    if output.policy != "newest":
        said = "Its queue refuses what comes when it is full, and cannot drop from its other end."
        yield _refusal(f"{where}.when_full", output.policy, "newest", said)
    spec = output.entry.get("option_spec") or {}
    for option, reason in (output.entry["collector"].get("without") or {}).items():
        if output.options.get(option) != spec[option].get("default"):
            yield _refusal(f"{where}.{option}", output.options[option], "nothing", reason)


def _of_flow(flow: log_types.Flow) -> Iterator[str]:
    where = f"{log_types.WHERE}.flows.{flow.name}"
    if flow.limit:
        yield _refusal(f"{where}.rate_limit", flow.limit.lines, "none", "The collector cannot count lines by source.")
    for name in flow.parse_fields:
        if "-" in name:
            yield _refusal(f"{where}.parse.fields", name, "letters, digits and _", "It names a group of an expression.")
    for name, pattern in _patterns(flow):
        counts = [int(number) for braces in re.findall(r"\{([0-9,]+)\}", pattern) for number in braces.split(",") if number]
        if re.search(r"\{,", pattern) or any(count > 1000 for count in counts):
            yield _refusal(f"{where}.{name}", pattern, "repetitions from {0,…} to {…,1000}", "Its expressions are those of RE2.")


def _patterns(flow: log_types.Flow) -> Iterator[tuple[str, str]]:
    for part, select in (("select", flow.select), ("drop", flow.drop)):
        if select.matches:
            yield f"{part}.matches", select.matches
        for name, pattern in select.fields.items():
            yield f"{part}.fields.{name}", pattern
    if flow.parse_matches:
        yield "parse.matches", flow.parse_matches
    for pattern in flow.redact:
        yield "redact", pattern


def render(logs: log_types.Logs, setting: Setting) -> Rendered:
    """Return the configuration of the collector for what is declared."""
    tree = configuration(logs, setting)
    texts = {f"{setting.place}/{CONFIGURATION}": text_of(tree), f"{setting.place}/{DRAIN}": text_of(drained(tree))}
    return Rendered(texts, (), (), JOURNAL_AGAIN, SENT_AGAIN)


def drained(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration that sends what waits and reads nothing, for when another engine has taken over."""
    idle = {"file_log/none": {"include": ["/nonexistent/none"]}}
    names = [name for name in tree["service"]["pipelines"] if name.startswith("logs/to_")]
    pipelines = {name: {"receivers": list(idle), "exporters": tree["service"]["pipelines"][name]["exporters"]} for name in names}
    extensions = {name: one for name, one in tree["extensions"].items() if name != PLACES}  # whose folder another engine has taken over
    service = {**tree["service"], "extensions": list(extensions), "pipelines": pipelines}
    return {"extensions": extensions, "receivers": idle, "exporters": tree["exporters"], "service": service}


def text_of(tree: Mapping[str, Any]) -> str:
    """Return the configuration as text."""
    return json.dumps(_escaped(tree), indent=1) + "\n"


def _escaped(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _escaped(one) for key, one in value.items() if one is not None}
    if isinstance(value, (list, tuple)):
        return [_escaped(one) for one in value]
    return value.replace("$", "$$") if isinstance(value, str) and not isinstance(value, Reference) else value


def configuration(logs: log_types.Logs, setting: Setting) -> dict[str, Any]:
    """Return the configuration as a tree."""
    pipelines: dict[str, Any] = {}
    processors: dict[str, Any] = {}
    extensions: dict[str, Any] = dict(_storages(setting))
    for source in logs.inputs.values():
        flows = [f"forward/flow_{flow.name}" for flow in logs.flows if source.name in flow.inputs]
        if flows:
            name = f"from_{source.name}"
            processors[f"transform/{name}"] = _transform(log_ottl.from_input(source))
            order = [f"transform/{name}"]
            left_out = log_ottl.not_of_input(source, {one.type for one in logs.inputs.values()})
            if left_out:
                processors[f"filter/{name}"] = _filter([left_out])
                order.append(f"filter/{name}")
            pipelines[f"logs/{name}"] = {"receivers": [_identity(source)], "processors": order, "exporters": flows}
    for flow in logs.flows:
        own = dict(_steps(flow))
        processors |= own
        to = [f"forward/to_{name}" for name in flow.outputs]
        pipelines[f"logs/flow_{flow.name}"] = {
            "receivers": [f"forward/flow_{flow.name}"],
            "processors": list(own),
            "exporters": to,
        }
    exporters, used = {}, {name for flow in logs.flows for name in flow.outputs}
    parses = any(flow.parse for flow in logs.flows)
    for output in logs.outputs.values():
        if output.name in used:
            name, kind = f"to_{output.name}", f"{output.entry['collector']['exporter']}/{output.name}"
            processors[f"transform/{name}"] = _transform(_form(output, setting, parses))
            pipelines[f"logs/{name}"] = {"receivers": [f"forward/{name}"], "processors": [f"transform/{name}"], "exporters": [kind]}
            exporters[kind] = _exporter(output, setting)
            for extension, options in (output.entry["collector"].get("extensions") or {}).items():
                extensions[f"{extension}/{output.name}"] = _filled(options, _known(output, setting))
    reads = {_identity(one): _receiver(one, setting) for one in logs.inputs.values() if f"logs/from_{one.name}" in pipelines}
    forwards: dict[str, Any] = {
        name: {} for pipeline in pipelines.values() for name in pipeline["receivers"] if name.startswith("forward/")
    }
    return {
        "extensions": extensions,
        "receivers": reads,
        "processors": processors,
        "connectors": forwards,
        "exporters": exporters,
        "service": {"extensions": list(extensions), "telemetry": _telemetry(), "pipelines": pipelines},
    }


def _storages(setting: Setting) -> Iterator[tuple[str, Any]]:
    """Yield where receivers note their places, and where records wait. A process that is killed leaves both whole without fsync."""
    folder = f"{setting.state}/otelcol"
    yield PLACES, {"directory": f"{folder}/places", "timeout": "10s"}
    compaction = {"on_rebound": True, "directory": f"{folder}/queue", "cleanup_on_start": True}
    yield QUEUE, {"directory": f"{folder}/queue", "timeout": "10s", "compaction": compaction}


def _telemetry() -> dict[str, Any]:
    exporter = {"prometheus": {"host": ADDRESS, "port": PORT}}
    return {"metrics": {"level": "normal", "readers": [{"pull": {"exporter": exporter}}]}, "logs": {"level": "warn", "encoding": "console"}}


def _transform(statements: Iterator[str]) -> dict[str, Any]:
    # A statement that fails (a line that is no JSON, say) leaves the record as it is; the record goes on.
    return {"error_mode": "silent", "log_statements": [{"context": "log", "statements": list(statements)}]}


def _filter(conditions: list[str]) -> dict[str, Any]:
    """Return the processor that drops the records for which one of some conditions holds; one that fails drops nothing."""
    return {"error_mode": "ignore", "logs": {"log_record": conditions}}


# --- inputs ------------------------------------------------------------------------------------------------------


def _identity(source: log_types.Input) -> str:
    if source.type in log_ottl.JOURNAL:
        return "journald/journal"  # there is one, of which an input `auth` is a part
    return "%s/%s" % ("syslog" if source.type == "syslog" else "file_log", source.name)


def _receiver(source: log_types.Input, setting: Setting) -> dict[str, Any]:
    if source.type in log_ottl.JOURNAL:
        return _journal()
    return _received(source) if source.type == "syslog" else _files(source, setting)


def _journal() -> dict[str, Any]:
    """Return the receiver of the journal.

    Without `all` journalctl leaves out texts of more than 4,096 bytes, and without `debug` the receiver what is below info.
    """
    name = 'resource["service.name"]'
    operators = [
        {"type": "severity_parser", "parse_from": "body.PRIORITY", "preset": "none", "mapping": PRIORITIES, "if": "body.PRIORITY != nil"},
        {"type": "copy", "from": "body.SYSLOG_IDENTIFIER", "to": name, "if": "body.SYSLOG_IDENTIFIER != nil"},
        {"type": "copy", "from": "body._COMM", "to": name, "if": "body.SYSLOG_IDENTIFIER == nil and body._COMM != nil"},
    ]
    common: dict[str, Any] = {"start_at": "end", "priority": "debug", "all": True}
    return {**common, "convert_message_bytes": True, "storage": PLACES, "operators": operators}


def patterns_of(source: log_types.Input, setting: Setting) -> list[str]:
    """Return the patterns of the files of an input: also of those that were rotated away, which may not be read to their end."""
    rotated = [path + ending for path in source.paths for ending in ROTATED if not path.endswith("*")]
    return [*source.paths, *rotated, f"{setting.state}/recovered/{source.name}/*.log"]


def _files(source: log_types.Input, setting: Setting) -> dict[str, Any]:
    found: dict[str, Any] = {"include": patterns_of(source, setting)}
    found["exclude"] = [f"{path}.{ending}" for path in dict.fromkeys((*source.paths, *found["include"])) for ending in PACKED]
    found |= {"start_at": "beginning", "storage": PLACES, "poll_interval": POLL, "max_log_size": LINE_BYTES}
    found |= {"include_file_name": False, "preserve_leading_whitespaces": True, "resource": {"service.name": source.service}}
    found["force_flush_period"] = "5s"  # for so long the rest of a line, or of a message, may be on its way
    if source.multiline:
        found["multiline"] = {"line_start_pattern": source.multiline}
    return found


def _received(source: log_types.Input) -> dict[str, Any]:
    """Return the receiver of syslog. What is not of RFC 3164 is tried as RFC 5424; what is neither goes on as it is."""
    place = {source.transport: {"listen_address": f"{source.address or EVERYWHERE}:{source.port}"}}
    operators = [
        {"type": "syslog_parser", "protocol": "rfc5424", "if": "attributes.message == nil", "on_error": "send_quiet"},
        {"type": "copy", "from": "attributes.appname", "to": 'resource["service.name"]', "if": "attributes.appname != nil"},
    ]
    return {"protocol": "rfc3164", "location": "UTC", "on_error": "send_quiet", **place, "operators": operators}


# --- flows -------------------------------------------------------------------------------------------------------


def _steps(flow: log_types.Flow) -> Iterator[tuple[str, Any]]:
    if flow.parse:
        yield f"transform/parse_{flow.name}", _transform(iter(log_ottl.parse(flow)))
    wanted, unwanted = log_ottl.condition(flow.select), log_ottl.condition(flow.drop)
    conditions = [*([f"not ({wanted})"] if wanted else []), *([unwanted] if unwanted else [])]
    if conditions:
        yield f"filter/flow_{flow.name}", _filter(conditions)
    if flow.sample > 1:
        yield f"transform/chance_{flow.name}", _transform(iter(['set(attributes["chance"], UUID())']))
        chance: dict[str, Any] = {"sampling_percentage": 100 / flow.sample, "mode": "hash_seed", "attribute_source": "record"}
        yield f"probabilistic_sampler/{flow.name}", {**chance, "from_attribute": "chance"}
        yield f"transform/chosen_{flow.name}", _transform(iter(['delete_key(attributes, "chance")']))
    if flow.redact:
        again = ['delete_key(attributes, "fields")', *log_ottl.parse(flow)] if flow.parse else []  # or fields would keep it
        yield f"transform/redact_{flow.name}", _transform(iter([*log_ottl.redact(flow.redact), *again]))


# --- outputs -----------------------------------------------------------------------------------------------------


def _form(output: log_types.Output, setting: Setting, parses: bool) -> Iterator[str]:
    form = output.entry["format"]
    if form == "json":
        return log_ottl.document(setting.name, setting.labels, parses)
    if form == "syslog":
        return log_ottl.syslog(setting.name, setting.labels, ENTERPRISE)
    return log_ottl.resource(setting.name, setting.labels)


def _known(output: log_types.Output, setting: Setting) -> dict[str, Any]:
    """Return what the parameters of the catalogue may name. A secret is read from its credential when the collector starts."""
    known = {**output.options, "output": output.name, "host_name": setting.name}
    known["ca"] = {"system": None, None: Reference("${env:CREDENTIALS_DIRECTORY}/ca.crt")}.get(known.get("ca"), known.get("ca"))
    if known.get("client_certificate", True):
        known |= {name: Reference("${env:CREDENTIALS_DIRECTORY}/host.%s" % end) for name, end in (("certificate", "crt"), ("key", "key"))}
    for name, _value in secrets(output):
        known[name.removeprefix(f"{output.name}.")] = Reference("${file:${env:CREDENTIALS_DIRECTORY}/%s}" % name)
    return known


def _filled(value: Any, known: Mapping[str, Any]) -> Any:
    """Return parameters of the catalogue with the options in the place of their names; what is empty is left out."""
    if isinstance(value, Mapping):
        parts = {key: _filled(one, known) for key, one in value.items()}
        parts = {**(parts.pop("*", None) or {}), **parts}
        return {key: one for key, one in parts.items() if one not in (None, "", {}, [])}
    if isinstance(value, (list, tuple)):
        return [_filled(one, known) for one in value]
    return filled(value, known)


def _exporter(output: log_types.Output, setting: Setting) -> dict[str, Any]:
    own = _filled(output.entry["collector"]["parameters"], _known(output, setting))
    batch = _filled(output.entry["collector"].get("batch"), output.options) or {
        "flush_timeout": "200ms",
        "min_size": BATCH,
        "max_size": BATCH,
        "sizer": "items",
    }
    queue: dict[str, Any] = {"enabled": True, "storage": QUEUE, "num_consumers": AT_ONCE, "sizer": "bytes", "batch": batch}
    queue["queue_size"] = Reference("${env:%s}" % bound_name(output.name))
    retry = {"enabled": True, "initial_interval": "1s", "max_interval": "30s", "max_elapsed_time": "0s"}
    return {**own, "timeout": "30s", "sending_queue": queue, "retry_on_failure": retry}
