# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The logs of a host carried by rsyslog: a collector that writes segments for each output, and for each output a process that sends them.

The collector hands a line on only by writing it, without a queue between; a sender that is held up holds up nothing but itself. What both
have in their hands is bounded, which is what makes a loss at `kill -9` impossible (docs/logs.md, ADR 0016).
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_sender_plan, log_types
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines import Rendered, Setting, rsyslog_flows
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines.rainerscript import constant, parameters, quoted
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_options import filled

#: An enterprise number that documents and private use may take (RFC 5612).
ENTERPRISE = 32473
#: Lines that imfile and imjournal hand on at once (1024, their multi-submit), and how often they note where they are.
BATCH, NOTED = 1024, 1000
#: Of a sender: lines in its queue, that it takes out at once, and that may be unacknowledged.
#: imfile fills the queue by up to BATCH lines before it wakes the worker, so a queue that is not larger comes to a standstill.
QUEUE, TAKEN, WINDOW = 2048, 512, 2048
COLLECTED_AGAIN = BATCH + NOTED
SENT_AGAIN = QUEUE + TAKEN + WINDOW + BATCH
BASE_PACKAGES = ("rsyslog",)
INPUT_PACKAGES = {"relp": "rsyslog-relp", "tls": "rsyslog-gnutls"}
#: Formats of entries that are lines of JSON in segments; of OTLP the sender makes what it sends.
JSON = ("json", "otlp")
BUILT_IN = ("omfile", "omfwd")
HEAD = "# Written by groundwork.fleet, role log_shipping.\n"
#: rsyslog waits so long, in milliseconds, for a place in a queue: for ever.
FOR_EVER = 2147483647


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
        if log_sender_plan.serves(output):
            texts[f"{setting.place}/send-{output.name}.conf"] = log_sender_plan.configuration(output, setting)
            continue
        paths = configurations(output, setting.place)
        texts |= {path: sender(one, setting) for path, one in zip(paths, _by_server(output), strict=True)}
    packages = list(BASE_PACKAGES)
    for output in logs.outputs.values():
        packages += (output.entry.get("packages") or {}).get(setting.family, [])
    packages += [INPUT_PACKAGES[one.transport] for one in logs.inputs.values() if one.transport in INPUT_PACKAGES]
    if rsyslog_flows.modules(logs) and setting.family == "RedHat":
        packages.append("rsyslog-mmnormalize")
    judged = {f"{setting.place}/send-{one.name}.conf" for one in logs.outputs.values() if log_sender_plan.serves(one)}
    validate = tuple(log_sender_plan.judge(path) if path in judged else "rsyslogd -N1 -f {%s}" % path for path in texts)
    run = ("/usr/sbin/rsyslogd", "-n", "-iNONE", "-f")
    counters = tuple(rsyslog_flows.counters(logs))
    return Rendered(texts, validate, tuple(dict.fromkeys(packages)), COLLECTED_AGAIN, 2 * SENT_AGAIN, run, run, counters)


def configurations(output: log_types.Output, place: str) -> list[str]:
    """Return the paths of what the sender of an output may read: one for each of its servers."""
    parts = [f"-{number}" for number in range(1, len(output.servers) + 1)] or [""]
    return [f"{place}/send-{output.name}{part}.conf" for part in parts]


def _by_server(output: log_types.Output) -> list[log_types.Output]:
    return [dataclasses.replace(output, options={**output.options, **server}) for server in output.servers] or [output]


def _common(state: str, setting: Setting) -> Iterator[str]:
    yield "global(%s)" % parameters({"workDirectory": state, "maxMessageSize": setting.message_bytes})
    stats = {"load": "impstats", "interval": 10, "format": "json", "log.syslog": "off", "log.file": f"{state}/stats"}
    yield "module(%s)" % parameters(stats)


# --- the collector -----------------------------------------------------------------------------------------------


def collector(logs: log_types.Logs, setting: Setting) -> str:
    """Return the configuration of the process that reads every source."""
    transformed = {name for flow in logs.flows if flow.redact for name in flow.outputs}
    lines = [HEAD, *_common(f"{setting.state}/collect", setting), *_modules(logs), *rsyslog_flows.head(logs)]
    for output in logs.outputs.values():
        lines += _destination(output, setting, output.name in transformed, any(flow.parse for flow in logs.flows))
    for source in logs.inputs.values():
        lines += ["", "ruleset(%s) {" % parameters({"name": f"from_{source.name}", "queue.type": "Direct"})]
        lines += ["  " + line for line in rsyslog_flows.of_input(logs, source, transformed)]
        lines += ["}", *_sources(source, setting)]
    lines += _journal(logs)
    return "\n".join(lines) + "\n"


def _journal(logs: log_types.Logs) -> Iterator[str]:
    """Yield the ruleset of what the journal says. The module has an input of its own, whose ruleset is the default one.

    input() would be a second reader (rsyslog 8.24 and later). An input `auth` is a part of the same journal.
    """
    kinds = {one.type: one.name for one in logs.inputs.values() if one.type in rsyslog_flows.JOURNAL}
    if not kinds:
        return
    rest = f"call from_{kinds['journal']}" if "journal" in kinds else "stop"
    yield from ("", 'ruleset(name="of_the_journal" queue.type="Direct") {')
    if "auth" in kinds:
        facilities = " or ".join("$syslogfacility-text == %s" % quoted(one) for one in log_types.AUTH_FACILITIES)
        yield f"  if {facilities} then {{ call from_{kinds['auth']} }} else {{ {rest} }}"
    else:
        yield f"  {rest}"
    yield from ("}", "$DefaultRuleset of_the_journal")


def _modules(logs: log_types.Logs) -> Iterator[str]:
    found: dict[str, dict[str, Any]] = {}
    for source in logs.inputs.values():
        if source.paths:  # without an input of it rsyslogd takes its loading for an error
            # By inotify rsyslog 8.2504 misses files that are rotated away soon after they came ("watch descriptor … not in our tables").
            found["imfile"] = {"mode": "polling", "pollingInterval": 1}
        if source.type in rsyslog_flows.JOURNAL:
            found["imjournal"] = {"stateFile": "imjournal.state", "persistStateInterval": NOTED, "rateLimit.interval": 0}
            found["imjournal"] |= {"ignorePreviousMessages": "off"}
        if source.transport:
            name = {"udp": "imudp", "tcp": "imtcp", "tls": "imtcp", "relp": "imrelp", "unix": "imuxsock"}[source.transport]
            found[name] = {"tls.tlslib": "openssl"} if name == "imrelp" else {"sysSock.use": "off"} if name == "imuxsock" else {}
    found |= {name: {} for name in rsyslog_flows.modules(logs)}
    for name, options in found.items():
        yield "module(%s)" % parameters({"load": name, **options})


def _destination(output: log_types.Output, setting: Setting, transformed: bool, parses: bool) -> Iterator[str]:
    folder = f"{setting.state}/{output.name}/segments/"
    yield ""
    yield "template(%s) {" % parameters({"name": f"segment_{output.name}", "type": "list"})
    yield f"  {constant(folder)}"
    # The time in units of ten seconds (log_spool.SEGMENT_SECONDS).
    yield '  property(name="timegenerated" dateFormat="unixtimestamp" position.from="1" position.to="9")'
    yield '  constant(value=".log")'
    yield "}"
    text = "$.text" if transformed else "msg"
    yield from _json(output, setting, text, parses) if output.entry["format"] in JSON else _line(output, setting, text)
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
    yield f"  {constant(f' {setting.name} ')}"
    yield '  property(name="app-name") constant(value=" ") property(name="procid") constant(value=" ") property(name="msgid")'
    yield f"  {constant(f' {structured_data(setting.labels)} ')}"
    yield '  property(name="%s" controlCharacters="escape" dropLastLf="on") constant(value="\\n")' % text
    yield "}"


def _json(output: log_types.Output, setting: Setting, text: str, parses: bool) -> Iterator[str]:
    yield "template(%s) {" % parameters({"name": f"line_{output.name}", "type": "list"})
    yield '  constant(value="{") property(outname="@timestamp" name="timereported" dateFormat="rfc3339" format="jsonf")'
    for name, value in {"host": setting.name, **setting.labels}.items():
        yield f"  {constant(f', {json.dumps(str(name))}: {json.dumps(str(value), ensure_ascii=False)}')}"
    for outer, inner in (
        ("service", "app-name"),
        ("severity", "syslogseverity-text"),
        ("facility", "syslogfacility-text"),
        ("pid", "procid"),
    ):
        yield f'  constant(value=", ") property(outname="{outer}" name="{inner}" format="jsonf")'
    yield f'  constant(value=", ") property(outname="message" name="{text}" format="jsonf" dropLastLf="on")'
    if parses:
        yield '  property(name="$.fields")'
    yield '  constant(value="}\\n")'
    yield "}"


def _sources(source: log_types.Input, setting: Setting) -> Iterator[str]:
    ruleset = f"from_{source.name}"
    if source.type == "syslog":
        yield from _received(source, setting, ruleset)
    elif source.type not in rsyslog_flows.JOURNAL:
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
        yield "input(%s)" % parameters({"type": "imrelp", **place, "maxDataSize": setting.message_bytes, **secured, "ruleset": ruleset})
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
    lines = [HEAD, *_common(f"{folder}/state", setting), 'module(load="imfile" mode="inotify" sortFiles="on")']
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
        lines.append('template(name="id" type="list") { %s property(name="$!metadata!filename") ' % constant(setting.name))
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
    for text, name in (('{"refused": ', "$.omes"), (', "line": ', "$!")):
        yield f'  {constant(text)} property(name="{name}")'
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
