# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The logs of a host carried by rsyslog: a collector that writes segments for each output, and for each output a process that sends them.

The collector hands a line on only by writing it, without a queue between; a sender that is held up holds up nothing but itself. What both
have in their hands is bounded, which is what makes a loss at `kill -9` impossible (docs/logs.md, ADR 0016).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_types
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines import Rendered, Setting
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_parsers import RULES

#: An enterprise number that documents and private use may take (RFC 5612).
ENTERPRISE = 32473
#: Lines that imfile and imjournal hand on at once (1024, their multi-submit), and how often they note where they are.
BATCH, NOTED = 1024, 1000
#: Of a sender: lines in its queue, that it takes out at once, and that may be unacknowledged.
#: imfile fills the queue by up to BATCH lines before it wakes the worker, so a queue that is not larger comes to a standstill.
QUEUE, TAKEN, WINDOW = 2048, 512, 2048
COLLECTED_AGAIN = BATCH + NOTED
SENT_AGAIN = QUEUE + TAKEN + WINDOW + BATCH
#: So many times a pattern is redacted in one line; a line with more of them goes on without its text.
REDACTIONS = 8
MESSAGE_BYTES = "64k"
BASE_PACKAGES = ("rsyslog",)
INPUT_PACKAGES = {"relp": "rsyslog-relp", "tls": "rsyslog-gnutls"}
BUILT_IN = ("omfile", "omfwd")
HEAD = "# Written by groundwork.fleet, role log_shipping.\n"
#: rsyslog waits so long, in milliseconds, for a place in a queue: for ever.
FOR_EVER = 2147483647


def quoted(text: object, expression: bool = False) -> str:
    """Return a text as RainerScript writes it. expression: it stands in one, where $ would begin a variable."""
    value = re.sub(r"[\x00-\x1f\x7f]", " ", str(text)).replace("\\", "\\\\").replace('"', '\\"')
    return '"%s"' % (value.replace("$", "\\$") if expression else value)


def parameters(values: Mapping[str, Any]) -> str:
    """Return parameters of an object; those that are null are left out."""
    parts = []
    for name, value in values.items():
        if value is not None:
            parts.append("%s=%s" % (name, "[%s]" % ", ".join(map(quoted, value)) if isinstance(value, (list, tuple)) else quoted(value)))
    return " ".join(parts)


def structured_data(labels: Mapping[str, str]) -> str:
    """Return RFC 5424's structured data with the labels; '-' without any."""
    if not labels:
        return "-"
    pairs = (' %s="%s"' % (name, re.sub(r'(["\\\]])', r"\\\1", str(value))) for name, value in labels.items())
    return "[groundwork@%d%s]" % (ENTERPRISE, "".join(pairs))


def render(logs: log_types.Logs, setting: Setting) -> Rendered:
    """Return the configurations of rsyslog for what is declared."""
    texts = {f"{setting.place}/collect.conf": collector(logs, setting)}
    for output in logs.outputs.values():
        texts[f"{setting.place}/send-{output.name}.conf"] = sender(output, setting)
    packages = list(BASE_PACKAGES)
    for output in logs.outputs.values():
        packages += (output.entry.get("packages") or {}).get(setting.family, [])
    packages += [INPUT_PACKAGES[one.transport] for one in logs.inputs.values() if one.transport in INPUT_PACKAGES]
    if any(flow.parse and flow.parse != "json" for flow in logs.flows) and setting.family == "RedHat":
        packages.append("rsyslog-mmnormalize")
    if any(flow.parse == "json" for flow in logs.flows) and setting.family == "RedHat":
        packages.append("rsyslog-mmjsonparse")
    validate = tuple("rsyslogd -N1 -f {%s}" % path for path in texts)
    run = ("/usr/sbin/rsyslogd", "-n", "-iNONE", "-f")
    return Rendered(texts, validate, tuple(dict.fromkeys(packages)), COLLECTED_AGAIN, 2 * SENT_AGAIN, run, run)


def _common(state: str) -> Iterator[str]:
    yield "global(%s)" % parameters({"workDirectory": state, "maxMessageSize": MESSAGE_BYTES})
    stats = {"load": "impstats", "interval": 10, "format": "json", "log.syslog": "off", "log.file": f"{state}/stats"}
    yield "module(%s)" % parameters(stats)


# --- the collector -----------------------------------------------------------------------------------------------


def collector(logs: log_types.Logs, setting: Setting) -> str:
    """Return the configuration of the process that reads every source."""
    transformed = {name for flow in logs.flows if flow.redact for name in flow.outputs}
    lines = [HEAD, *_common(f"{setting.state}/collect"), *_modules(logs)]
    for output in logs.outputs.values():
        lines += _destination(output, setting, output.name in transformed, any(flow.parse for flow in logs.flows))
    for source in logs.inputs.values():
        lines += ["", "ruleset(%s) {" % parameters({"name": f"from_{source.name}", "queue.type": "Direct"})]
        for flow in logs.flows:
            if source.name in flow.inputs:
                lines += ["  " + line for line in _flow(flow, source, transformed)]
        lines += ["}", *_sources(source, setting)]
    return "\n".join(lines) + "\n"


def _modules(logs: log_types.Logs) -> Iterator[str]:
    found: dict[str, dict[str, Any]] = {}
    for source in logs.inputs.values():
        if source.type not in ("journal", "syslog"):  # without an input of it rsyslogd takes its loading for an error
            # By inotify rsyslog 8.2504 misses files that are rotated away soon after they came ("watch descriptor … not in our tables").
            found["imfile"] = {"mode": "polling", "pollingInterval": 1}
        if source.type == "journal":
            found["imjournal"] = {"stateFile": "imjournal.state", "persistStateInterval": NOTED, "rateLimit.interval": 0}
            found["imjournal"] |= {"ignorePreviousMessages": "off"}
        if source.transport:
            name = {"udp": "imudp", "tcp": "imtcp", "tls": "imtcp", "relp": "imrelp", "unix": "imuxsock"}[source.transport]
            found[name] = {"tls.tlslib": "openssl"} if name == "imrelp" else {"sysSock.use": "off"} if name == "imuxsock" else {}
    for flow in logs.flows:
        if flow.parse:
            found["mmjsonparse" if flow.parse == "json" else "mmnormalize"] = {}
    for name, options in found.items():
        yield "module(%s)" % parameters({"load": name, **options})


def _destination(output: log_types.Output, setting: Setting, transformed: bool, parses: bool) -> Iterator[str]:
    folder = f"{setting.state}/{output.name}/segments/"
    yield ""
    yield "template(%s) {" % parameters({"name": f"segment_{output.name}", "type": "list"})
    yield "  constant(value=%s)" % quoted(folder)
    # The time in units of ten seconds (log_spool.SEGMENT_SECONDS).
    yield '  property(name="timegenerated" dateFormat="unixtimestamp" position.from="1" position.to="9")'
    yield '  constant(value=".log")'
    yield "}"
    text = "$.text" if transformed else "msg"
    yield from _json(output, setting, text, parses) if output.entry["format"] == "json" else _line(output, setting, text)
    yield "ruleset(%s) {" % parameters({"name": f"to_{output.name}", "queue.type": "Direct"})
    written: dict[str, Any] = {
        "type": "omfile",
        "name": output.name,
        "dynaFile": f"segment_{output.name}",
        "template": f"line_{output.name}",
    }
    written |= {"dynaFileCacheSize": 2, "fileCreateMode": "0600", "asyncWriting": "off", "flushOnTXEnd": "on", "ioBufferSize": "64k"}
    # A disk without room holds the collector up; its sources keep what they have.
    written |= {"action.resumeRetryCount": -1, "action.resumeInterval": 1, "action.resumeIntervalMax": 10}
    yield "  action(%s)" % parameters(written)
    yield "}"


def _line(output: log_types.Output, setting: Setting, text: str) -> Iterator[str]:
    plain = output.entry["format"] == "plain"
    yield "template(%s) {" % parameters({"name": f"line_{output.name}", "type": "list"})
    if not plain:
        yield '  constant(value="<") property(name="pri") constant(value=">1 ")'
    yield '  property(name="timereported" dateFormat="rfc3339")'
    yield "  constant(value=%s)" % quoted(f" {setting.name} ")
    yield '  property(name="app-name") constant(value=" ") property(name="procid") constant(value=" ") property(name="msgid")'
    yield "  constant(value=%s)" % quoted(f" {structured_data(setting.labels)} ")
    yield '  property(name="%s" controlCharacters="escape" dropLastLf="on") constant(value="\\n")' % text
    yield "}"


def _json(output: log_types.Output, setting: Setting, text: str, parses: bool) -> Iterator[str]:
    yield "template(%s) {" % parameters({"name": f"line_{output.name}", "type": "list", "option.jsonf": "on"})
    yield '  property(outname="@timestamp" name="timereported" dateFormat="rfc3339" format="jsonf")'
    for name, value in {"host": setting.name, **setting.labels}.items():
        yield "  constant(%s)" % parameters({"outname": name, "value": value, "format": "jsonf"})
    for outer, inner in (
        ("service", "app-name"),
        ("severity", "syslogseverity-text"),
        ("facility", "syslogfacility-text"),
        ("pid", "procid"),
    ):
        yield f'  property(outname="{outer}" name="{inner}" format="jsonf")'
    yield f'  property(outname="message" name="{text}" format="jsonf" dropLastLf="on")'
    if parses:
        yield '  property(outname="fields" name="$!fields" format="jsonfr" onEmpty="skip")'
    yield "}"


def _flow(flow: log_types.Flow, source: log_types.Input, transformed: Iterable[str]) -> Iterator[str]:
    """Yield what is done with a line of one source."""
    yield f"# flow {flow.name}"
    if flow.parse == "json":
        yield 'action(type="mmjsonparse" cookie="" container="$!fields")'
    elif flow.parse:
        yield "action(%s)" % parameters({"type": "mmnormalize", "rule": RULES[flow.parse], "path": "$!fields"})
    conditions = [
        *conditions_of(flow.select, source),
        *(["not (%s)" % " and ".join(conditions_of(flow.drop, source))] if flow.drop else []),
    ]
    if flow.sample > 1:
        conditions.append(f"random({flow.sample}) == 0")
    body = list(_redactions(flow)) if any(name in transformed for name in flow.outputs) else []
    body += [f"call to_{name}" for name in flow.outputs]
    if not conditions:
        yield from body
        return
    yield "if %s then {" % " and ".join(conditions)
    yield from ("  " + line for line in body)
    yield "}"


def conditions_of(select: log_types.Select, source: log_types.Input) -> list[str]:
    """Return RainerScript's conditions for the lines of a source that a selection takes."""
    found = []
    if select.services:
        each = [
            "re_match($programname, %s)" % quoted(_glob(one), True) if "*" in one else "$programname == %s" % quoted(one, True)
            for one in select.services
        ]
        if source.type == "journal":
            each += ["$!_SYSTEMD_UNIT == %s" % quoted(f"{one}.service", True) for one in select.services if "*" not in one]
        found.append("(%s)" % " or ".join(each))
    if select.severity:
        found.append("$syslogseverity <= %d" % log_types.SEVERITIES.index(select.severity))
    if select.facilities:
        found.append("(%s)" % " or ".join("$syslogfacility-text == %s" % quoted(one) for one in select.facilities))
    if select.matches:
        found.append("re_match($msg, %s)" % quoted(select.matches, True))
    found += ["re_match($!fields!%s, %s)" % (name, quoted(pattern, True)) for name, pattern in select.fields.items()]
    return found


def _glob(pattern: str) -> str:
    return "^%s$" % ".*".join(re.sub(r"([.+^${}()|\[\]\\?])", r"\\\1", part) for part in pattern.split("*"))


def _redactions(flow: log_types.Flow) -> Iterator[str]:
    """Yield statements that leave in $.text the text without what the patterns find; RainerScript replaces plain texts only."""
    yield "set $.text = $msg;"
    for pattern in flow.redact:
        look = 'set $.found = re_extract($.text, %s, 0, 0, "");' % quoted(pattern, True)
        for _number in range(REDACTIONS):
            yield f'{look} if $.found != "" then {{ set $.text = replace($.text, $.found, "[redacted]");'
        yield f'{look} if $.found != "" then {{ set $.text = "[redacted: the whole text, for it held too much]"; }}'
        yield "} " * REDACTIONS


def _sources(source: log_types.Input, setting: Setting) -> Iterator[str]:
    ruleset = f"from_{source.name}"
    if source.type == "journal":
        # The module has an input of its own; its ruleset is the default one. input() would be a second reader (rsyslog 8.24 and later).
        yield "$DefaultRuleset %s" % ruleset
    elif source.type == "syslog":
        yield from _received(source, setting, ruleset)
    else:
        common: dict[str, Any] = {"type": "imfile", "ruleset": ruleset, "tag": f"{source.service}:", "severity": source.severity}
        common |= {"facility": source.facility, "addMetadata": "off", "reopenOnTruncate": "on", "persistStateInterval": NOTED}
        common |= {"persistStateAfterSubmission": "on"}
        if source.multiline:
            common |= {"startmsg.regex": source.multiline, "readTimeout": 5}
        for path in (*source.paths, f"{setting.state}/recovered/{source.name}/*.log"):
            yield "input(%s)" % parameters({**common, "file": path})


def _received(source: log_types.Input, setting: Setting, ruleset: str) -> Iterator[str]:
    tls = setting.tls_directory
    place: dict[str, Any] = {"port": source.port, "address": source.address or None}
    if source.transport == "unix":
        yield "input(%s)" % parameters(
            {"type": "imuxsock", "socket": source.path, "createPath": "on", "ruleset": ruleset, "rateLimit.interval": 0}
        )
    elif source.transport == "relp":
        secured: dict[str, Any] = {
            "tls": "on",
            "tls.caCert": f"{tls}/ca.crt",
            "tls.myCert": f"{tls}/host.crt",
            "tls.myPrivKey": f"{tls}/host.key",
        }
        secured |= {"tls.authMode": "name", "tls.permittedPeer": source.clients}
        yield "input(%s)" % parameters({"type": "imrelp", **place, "maxDataSize": MESSAGE_BYTES, **secured, "ruleset": ruleset})
    else:
        found: dict[str, Any] = {"type": "imudp" if source.transport == "udp" else "imtcp", **place, "ruleset": ruleset}
        if source.transport == "tls":
            found |= {
                "streamDriver.name": "gtls",
                "streamDriver.mode": 1,
                "streamDriver.authMode": "x509/name",
                "permittedPeer": source.clients,
            }
            found |= {"streamDriver.CAFile": f"{tls}/ca.crt", "streamDriver.certFile": f"{tls}/host.crt"}
            found |= {"streamDriver.keyFile": f"{tls}/host.key"}
        yield "input(%s)" % parameters(found)


# --- a sender ----------------------------------------------------------------------------------------------------


def sender(output: log_types.Output, setting: Setting) -> str:
    """Return the configuration of the process that sends what waits for one output."""
    folder = f"{setting.state}/{output.name}"
    entry, ids = output.entry, bool(output.entry.get("ids"))
    lines = [HEAD, *_common(f"{folder}/state"), 'module(load="imfile" mode="inotify")']
    if entry["module"] not in BUILT_IN:
        lines.append("module(%s)" % parameters({"load": entry["module"], **(entry.get("module_parameters") or {})}))
    last = ' constant(value="\\n")' if entry["module"] == "omfile" else ""
    lines.append('template(name="line" type="list") { property(name="msg")%s }' % last)
    known = {
        **output.options,
        "tls_directory": setting.tls_directory,
        "state": f"{folder}/state",
        "dead_letters": f"{folder}/dead-letters.log",
    }
    if "ca" in known:
        known["ca"] = known["ca"] or f"{setting.tls_directory}/ca.crt"
    own = {name: filled(value, known) for name, value in entry["parameters"].items()}
    if ids:
        # Segment and place in it: the same for a line that is sent again.
        lines.append('template(name="id" type="list") { constant(value=%s) property(name="$!metadata!filename") ' % quoted(setting.name))
        lines[-1] += 'constant(value="-") property(name="$!metadata!fileoffset") }'
        own |= {"bulkid": "id", "dynbulkid": "on"}
    queue: dict[str, Any] = {"name": "send", "queue.type": "FixedArray", "queue.size": QUEUE, "queue.dequeueBatchSize": TAKEN}
    queue |= {"queue.timeoutEnqueue": FOR_EVER, "queue.workerThreads": 1, "queue.lightDelayMark": 0}
    # Its files hold only what is left at an end; before that the queue never gets so full.
    queue |= {"queue.fullDelayMark": QUEUE - 32, "queue.highWatermark": QUEUE - 1, "queue.lowWatermark": QUEUE - 2}
    queue |= {"queue.filename": "queue", "queue.saveOnShutdown": "on", "queue.timeoutShutdown": 5000}
    retry = {"action.resumeRetryCount": -1, "action.resumeInterval": 1, "action.resumeIntervalMax": 30}
    if own.pop("retryruleset", None):
        lines += _again(entry["module"], own, retry, known["dead_letters"])
        own["retryruleset"] = "again"
    lines.append("ruleset(%s) {" % parameters(queue))
    lines.append("  action(%s)" % parameters({"type": entry["module"], "name": "send", "template": "line", **own, **retry}) + "\n}")
    read: dict[str, Any] = {"type": "imfile", "file": f"{folder}/segments/*.log", "tag": "line:", "ruleset": "send"}
    read |= {"addMetadata": "on" if ids else "off", "persistStateInterval": NOTED, "persistStateAfterSubmission": "on"}
    lines.append("input(%s)" % parameters(read))
    return "\n".join(lines) + "\n"


def _again(module: str, own: Mapping[str, Any], retry: Mapping[str, Any], dead_letters: str) -> Iterator[str]:
    """Yield what is done with a line of which omelasticsearch says in $.omes that it was not stored; the line is in $!.

    One that was refused for itself is a dead letter, every other is sent again, by the id that it had.
    """
    yield 'template(name="again_line" type="list") { property(name="$!") }'
    yield 'template(name="again_id" type="list") { property(name="$.omes!_id") }'
    yield 'template(name="letter" type="list") {'
    for constant, name in (('{"refused": ', "$.omes"), (', "line": ', "$!")):
        yield "  constant(%s) property(%s)" % (parameters({"value": constant}), parameters({"name": name}))
    yield '  constant(value="}\\n")'
    yield "}"
    # The worker of this queue puts into it too, so it must never be full.
    queue = {"queue.type": "LinkedList", "queue.size": 8192, "queue.filename": "again", "queue.saveOnShutdown": "on"}
    yield "ruleset(%s) {" % parameters({"name": "again", **queue, "queue.timeoutEnqueue": FOR_EVER})
    yield '  if $.omes!status == 409 and $.omes!writeoperation == "create" then stop'
    yield "  if $.omes!status == 400 or $.omes!status < 200 then {"
    yield "    action(%s)" % parameters({"type": "omfile", "file": dead_letters, "template": "letter", "fileCreateMode": "0600"})
    yield "    stop"
    yield "  }"
    mine = {**own, "bulkid": "again_id", "dynbulkid": "on", "retryruleset": "again"}
    yield "  action(%s)" % parameters({"type": module, "name": "again", "template": "again_line", **mine, **retry})
    yield "}"


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
