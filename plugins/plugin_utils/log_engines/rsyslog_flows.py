# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What rsyslog does with a line of a flow, as RainerScript: select, parse, sample, limit, redact, and count what does not go on.

Counts are rsyslog's dynamic statistics; `counters` names all that a configuration may count. `$!fields` holds what was parsed and
`$.fields` the same as it is put into a line of JSON; both are gone after the flow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_types
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines.rainerscript import parameters, quoted
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_parsers import LOGFMT_FIELDS, LOGFMT_PAIR, RULES

#: So many times a pattern is redacted in one line; a line with more of them goes on without its text.
REDACTIONS = 8
COUNTS = "groundwork"
#: Counters that nothing adds to are forgotten after so many seconds, which would look like a restart: ten years.
FOREVER = 315360000
JOURNAL = ("journal", "auth")


def head(logs: log_types.Logs) -> Iterator[str]:
    """Yield what the flows stand on: their counters, and the ruleset that takes logfmt apart."""
    names = counters(logs)
    if names:
        stats = {"name": COUNTS, "resettable": "off", "maxCardinality": len(names) + 1, "unusedMetricLife": FOREVER}
        yield "dyn_stats(%s)" % parameters(stats)
    if any(flow.parse == "logfmt" for flow in logs.flows):
        yield from _logfmt_ruleset()


def modules(logs: log_types.Logs) -> list[str]:
    """Return the modules that the flows need."""
    found = ["mmnormalize"] if any(flow.parse in RULES for flow in logs.flows) else []
    return [*found, "mmutf8fix"] if any(_becomes_json(logs, one) for one in logs.inputs.values()) else found


def _becomes_json(logs: log_types.Logs, source: log_types.Input) -> bool:
    outputs = {name for flow in logs.flows if source.name in flow.inputs for name in flow.outputs}
    return any(logs.outputs[name].entry["format"] == "json" for name in outputs)


def of_input(logs: log_types.Logs, source: log_types.Input, transformed: Iterable[str]) -> Iterator[str]:
    """Yield what is done with a line of one input. transformed: outputs that take `$.text` in place of the message."""
    if _becomes_json(logs, source):
        yield 'action(type="mmutf8fix")'  # JSON is UTF-8; a destination refuses what is not
    for flow in logs.flows:
        if source.name in flow.inputs:
            yield from _flow(flow, source, transformed)


def counters(logs: log_types.Logs) -> list[str]:
    """Return the names of what is counted, `WHAT:FLOW:INPUT:SERVICE`, the service only where a limit is per service."""
    found = []
    for flow in logs.flows:
        for name in flow.inputs:
            source = logs.inputs[name]
            found += [_counter("unparsed", flow, source)] if flow.parse else []
            found += [_counter("sampled", flow, source)] if flow.sample > 1 else []
            found += [_counter("limited", flow, source, one) for one in _limited(flow, source)] if flow.limit else []
    return found


def _counter(what: str, flow: log_types.Flow, source: log_types.Input, service: str = "") -> str:
    return ":".join((what, flow.name, source.name, service))


def _count(counter: str) -> str:
    return "set $.counted = dyn_inc(%s, %s);" % (quoted(COUNTS), quoted(counter))


def _flow(flow: log_types.Flow, source: log_types.Input, transformed: Iterable[str]) -> Iterator[str]:
    body = list(_redactions(flow)) if any(name in transformed for name in flow.outputs) else []
    if flow.parse:
        if flow.redact:
            # What was redacted must not go on in the fields: they are those that the text has without it.
            body += ["if $.text != $msg then {", *_indented(_parse(flow, "$.text")), "}"]
        body.append('if $.parsed == 1 then { set $.fields = ", \\"fields\\": " & $!fields; }')
    body += [f"call to_{name}" for name in flow.outputs]
    body = _limit(flow, source, body)
    if flow.sample > 1:
        count = _count(_counter("sampled", flow, source))
        body = [f"if random({flow.sample}) == 0 then {{", *_indented(body), f"}} else {{ {count} }}"]
    inner = [_field(name, pattern) for name, pattern in flow.select.fields.items()]
    inner += ["not (%s)" % " and ".join(conditions_of(flow.drop, source))] if flow.drop else []
    body = _if(inner, body)
    if flow.parse:
        count = _count(_counter("unparsed", flow, source))
        body = [*_parse(flow, "$msg"), f"if $.parsed == 0 then {{ {count} }}", *body, "unset $!fields;", 'set $.fields = "";']
    yield f"# flow {flow.name}"
    yield from _if(_of_line(flow.select, source), body)


def _indented(lines: Iterable[str]) -> list[str]:
    return ["  " + line for line in lines]


def _if(conditions: list[str], body: list[str]) -> list[str]:
    return ["if %s then {" % " and ".join(conditions), *_indented(body), "}"] if conditions else body


# --- conditions --------------------------------------------------------------------------------------------------


def conditions_of(select: log_types.Select, source: log_types.Input) -> list[str]:
    """Return RainerScript's conditions for the lines of a source that a selection takes."""
    return [*_of_line(select, source), *(_field(name, pattern) for name, pattern in select.fields.items())]


def _field(name: str, pattern: str) -> str:
    return "re_match($!fields!%s, %s)" % (name, quoted(pattern, True))


def _of_line(select: log_types.Select, source: log_types.Input) -> list[str]:
    found = []
    if select.services:
        found.append("(%s)" % " or ".join(one for name in select.services for one in _of_service(name, source)))
    if select.severity:
        found.append("$syslogseverity <= %d" % log_types.SEVERITIES.index(select.severity))
    if select.facilities:
        found.append("(%s)" % " or ".join("$syslogfacility-text == %s" % quoted(one) for one in select.facilities))
    if select.matches:
        found.append("re_match($msg, %s)" % quoted(select.matches, True))
    return found


def _of_service(name: str, source: log_types.Input) -> list[str]:
    if "*" in name:
        return ["re_match($programname, %s)" % quoted(_glob(name), True)]
    found = ["$programname == %s" % quoted(name, True)]
    return [*found, "$!_SYSTEMD_UNIT == %s" % quoted(f"{name}.service", True)] if source.type in JOURNAL else found


def _glob(pattern: str) -> str:
    return "^%s$" % ".*".join(re.sub(r"([.+^${}()|\[\]\\?])", r"\\\1", part) for part in pattern.split("*"))


# --- limits ------------------------------------------------------------------------------------------------------


def _limited(flow: log_types.Flow, source: log_types.Input) -> tuple[str, ...]:
    """Return the sources within an input, each with a limit of its own: the services by name, or all of the input as one."""
    return flow.select.services if source.type in log_types.OPEN_ENDED else ("",)


def _limit(flow: log_types.Flow, source: log_types.Input, body: list[str]) -> list[str]:
    """Return the body within the limit of the source; what is beyond it is counted.

    Of each source the number of the window of time that it is in is kept, and how many lines passed in it.
    """
    if not flow.limit:
        return body
    lines = ["set $.pass = 1;", f"set $.window = $$now-unixtimestamp / {flow.limit.seconds};"]
    # Without cnum() a variable is compared with another one as never equal (rsyslog 8.2504).
    for number, service in enumerate(_limited(flow, source)):
        window, passed = (f"$/{what}_{flow.name}_{source.name}_{number}" for what in ("window", "passed"))
        check = [
            f"if cnum({window}) != cnum($.window) then {{ set {window} = cnum($.window); set {passed} = 0; }}",
            f"set {passed} = {passed} + 1;",
        ]
        check.append(f"if {passed} > {flow.limit.lines} then {{ set $.pass = 0; {_count(_counter('limited', flow, source, service))} }}")
        lines += _if(["(%s)" % " or ".join(_of_service(service, source))] if service else [], check)
    return [*lines, "if $.pass == 1 then {", *_indented(body), "}"]


# --- redaction ---------------------------------------------------------------------------------------------------


def _redactions(flow: log_types.Flow) -> Iterator[str]:
    """Yield statements that leave in $.text the text without what the patterns find; RainerScript replaces plain texts only."""
    yield "set $.text = $msg;"
    for pattern in flow.redact:
        look = 'set $.found = re_extract($.text, %s, 0, 0, "");' % quoted(pattern, True)
        for _number in range(REDACTIONS):
            yield f'{look} if $.found != "" then {{ set $.text = replace($.text, $.found, "[redacted]");'
        yield f'{look} if $.found != "" then {{ set $.text = "[redacted: the whole text, for it held too much]"; }}'
        yield "} " * REDACTIONS


# --- parsers -----------------------------------------------------------------------------------------------------


def _parse(flow: log_types.Flow, text: str) -> Iterator[str]:
    """Yield statements that leave in $!fields what a text holds, and in $.parsed 1, or 0 where it is not of the format."""
    yield "unset $!fields;"
    yield f"set $.parsed = 0; set $.raw = ltrim({text});"
    if flow.parse == "json":
        yield 'if re_match($.raw, "^\\\\{.*\\\\}[ ]*\\$") and parse_json($.raw, "\\$!fields") == 0 then { set $.parsed = 1; }'
    elif flow.parse == "logfmt":
        yield f'set $.pairs = ""; set $.left = {LOGFMT_FIELDS};'
        yield 'if re_match($.raw, "^[^] =\\"{},[]+=") then { call logfmt }'
        yield 'if $.pairs != "" and $.raw == "" and parse_json("{" & $.pairs & "}", "\\$!fields") == 0 then { set $.parsed = 1; }'
    elif flow.parse == "regex":
        pattern = quoted(flow.parse_matches, True)
        yield f"if re_match($.raw, {pattern}) then {{"
        for number, name in enumerate(flow.parse_fields, 1):
            yield f'  set $!fields!{name} = re_extract($.raw, {pattern}, 0, {number}, "");'
        yield "  set $.parsed = 1;"
        yield "}"
    else:
        if flow.parse == "combined":
            # nginx and Apache write bytes that do not print as \xXX; liblognorm would leave the backslash out.
            yield 'set $.raw = replace($.raw, "\\\\x", "\\\\\\\\x");'
        yield "action(%s)" % parameters({"type": "mmnormalize", "rule": RULES[flow.parse], "variable": "$.raw", "path": "$!fields"})
        # What it could not parse it puts there too.
        yield 'if $parsesuccess == "OK" then { set $.parsed = 1; } else { unset $!fields; }'


def _logfmt_ruleset() -> Iterator[str]:
    """Yield the ruleset that moves pairs from $.raw to $.pairs, as JSON, by calling itself; $.left bounds that."""
    pair = quoted(LOGFMT_PAIR, True)
    for name, value in (
        ("logfmt_word", 'constant(value="\\"") property(name="$.value" format="json") constant(value="\\"")'),
        ("logfmt_quoted", 'property(name="$.value")'),
    ):
        yield 'template(name="%s" type="list") {' % name
        yield '  constant(value="\\"") property(name="$.key" format="json") constant(value="\\": ") %s' % value
        yield "}"
    yield 'ruleset(name="logfmt" queue.type="Direct") {'
    yield f'  set $.pair = re_extract($.raw, {pair}, 0, 0, "");'
    yield '  if $.pair != "" and $.left > 0 then {'
    yield f'    set $.key = re_extract($.raw, {pair}, 0, 1, ""); set $.value = re_extract($.raw, {pair}, 0, 3, "");'
    yield '    if $.pairs != "" then { set $.pairs = $.pairs & ", "; }'
    # Between quotes it escapes as JSON does.
    yield '    if re_match($.value, "^\\"") then { set $.pairs = $.pairs & exec_template("logfmt_quoted"); }'
    yield '    else { set $.pairs = $.pairs & exec_template("logfmt_word"); }'
    yield "    set $.raw = substring($.raw, strlen($.pair), strlen($.raw)); set $.left = $.left - 1;"
    yield '    if $.raw != "" then { call logfmt }'
    yield "  }"
    yield "}"
