# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the model of logs asks for, as statements and conditions of the OpenTelemetry Transformation Language (OTTL).

Within the collector a record has its text in `body`, its service in the resource's `service.name`, and these attributes: `facility`, its
code, `pid`, `unit`, and `fields`, what was parsed.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping

from ansible_collections.groundwork.fleet.plugins.module_utils import log_protocols
from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_types

#: Severity of syslog to that of OpenTelemetry (its data model of logs, appendix B).
NUMBERS = log_protocols.SEVERITY_NUMBERS
#: Codes of the facilities (RFC 5424, 6.2.1); 12 to 15 have no name in the model.
CODES: Mapping[str, int] = {name: code if code < 12 else code + 4 for code, name in enumerate(log_types.FACILITIES)}
#: Formats of lines, as regular expressions of RE2 whose groups become fields.
_REQUEST = r'^(?P<remote>\S+) (?P<ident>\S+) (?P<user>\S+) \[(?P<time>[^]]+)\] "(?P<request>[^"]*)" (?P<status>[0-9]+) (?P<bytes>\S+)'
_SESSION = r"(?: (?P<user>[^@ ]*)@(?P<database>\S*))?"
_FORMATS = {
    "combined": _REQUEST + r'(?: "(?P<referer>[^"]*)" "(?P<agent>[^"]*)")?',
    "postgresql": r"^(?P<date>\S+) (?P<time>\S+) (?P<zone>\S+) \[(?P<pid>[0-9]+)\]"
    + _SESSION
    + r" (?P<level>[A-Z0-9]+):\s+(?P<message>.*)",
}
#: Inputs that are the journal, or a part of it.
JOURNAL = ("journal", "auth")
SERVICE = 'resource.attributes["service.name"]'


def quoted(text: object) -> str:
    """Return a text as OTTL writes it."""
    value = str(text).replace("\\", "\\\\").replace('"', '\\"')
    return '"%s"' % value.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


def parse(flow: log_types.Flow) -> list[str]:
    """Return the statements that put the fields of a line into `attributes["fields"]`, where it has the form that the flow parses."""
    if flow.parse == "json":
        return ['set(attributes["fields"], ParseJSON(body)) where IsMatch(body, "^[ ]*[{]")']
    if flow.parse == "logfmt":
        return ['set(attributes["fields"], ParseKeyValue(body)) where IsMatch(body, "=")']
    pattern = quoted(named_groups(flow.parse_matches, flow.parse_fields) if flow.parse == "regex" else _FORMATS[flow.parse])
    return ['set(attributes["fields"], ExtractPatterns(body, %s)) where IsMatch(body, %s)' % (pattern, pattern)]


def named_groups(pattern: str, names: Iterable[str]) -> str:
    """Return a POSIX extended regular expression whose groups have names, as RE2 writes them."""
    left, inside, found, place = iter(names), False, "", 0
    while place < len(pattern):
        letter = pattern[place]
        if letter == "\\":
            letter = pattern[place : place + 2]
        elif inside:
            # [:class:] within, and ] as the first one, do not end it
            match = re.match(r"\[:[a-z]+:\]", pattern[place:])
            letter = match[0] if match else letter
            inside = letter != "]"
        elif letter == "[":
            letter = (re.match(r"\[\^?\]?", pattern[place:]) or [letter])[0]
            inside = True
        elif letter == "(":
            found += "(?P<%s>" % next(left)
            place += 1
            continue
        found += letter
        place += len(letter)
    return found


def redact(patterns: Iterable[str]) -> list[str]:
    """Return the statements that take out of the text what the patterns find."""
    return ['replace_pattern(body, %s, "[redacted]")' % quoted(pattern) for pattern in patterns]


def condition(select: log_types.Select) -> str:
    """Return the condition for the records that a selection takes; empty for all."""
    found = []
    if select.services:
        each = [_service(one) for one in select.services]
        found.append("(%s)" % " or ".join(each))
    if select.severity:
        found.append("severity_number >= %d" % NUMBERS[select.severity])
    if select.facilities:
        found.append("(%s)" % " or ".join('attributes["facility"] == %d' % CODES[one] for one in select.facilities))
    if select.matches:
        found.append("IsMatch(body, %s)" % quoted(select.matches))
    found += ['IsMatch(attributes["fields"][%s], %s)' % (quoted(name), quoted(one)) for name, one in select.fields.items()]
    return " and ".join(found)


def _service(pattern: str) -> str:
    if "*" in pattern:
        return "IsMatch(%s, %s)" % (SERVICE, quoted("^%s$" % ".*".join(map(re.escape, pattern.split("*")))))
    return '%s == %s or attributes["unit"] == %s' % (SERVICE, quoted(pattern), quoted(pattern + ".service"))


def from_input(source: log_types.Input) -> Iterator[str]:
    """Yield the statements that bring the records of an input into the form that all share."""
    yield "set(time_unix_nano, observed_time_unix_nano) where time_unix_nano == 0"
    if source.type in JOURNAL:
        yield 'set(attributes["facility"], 1)'
        yield 'set(attributes["facility"], Int(body["SYSLOG_FACILITY"])) where body["SYSLOG_FACILITY"] != nil'
        yield 'set(attributes["pid"], body["SYSLOG_PID"]) where body["SYSLOG_PID"] != nil'
        yield 'set(attributes["pid"], body["_PID"]) where attributes["pid"] == nil and body["_PID"] != nil'
        yield 'set(attributes["unit"], body["_SYSTEMD_UNIT"]) where body["_SYSTEMD_UNIT"] != nil'
        yield "set(severity_number, %d) where severity_number == 0" % NUMBERS["notice"]
        yield from severity_names()
        yield 'set(body, body["MESSAGE"])'
    elif source.type == "syslog":
        yield 'set(attributes["facility"], 1) where attributes["facility"] == nil'
        yield 'set(attributes["pid"], attributes["proc_id"]) where attributes["proc_id"] != nil'
        yield "set(severity_number, %d) where severity_number == 0" % NUMBERS["notice"]
        yield from severity_names()
        yield 'set(body, attributes["message"]) where attributes["message"] != nil'
        yield 'keep_keys(attributes, ["facility", "pid"])'
    else:
        yield 'set(attributes["facility"], %d)' % CODES[source.facility]
        yield "set(severity_number, %d)" % NUMBERS[source.severity]
        yield "set(severity_text, %s)" % quoted(source.severity)


def not_of_input(source: log_types.Input, types: Container[str]) -> str:
    """Return the condition for the records of the journal that belong to the other input of it; empty where none do.

    types: of all inputs.
    """
    found = " or ".join('attributes["facility"] == %d' % CODES[one] for one in log_types.AUTH_FACILITIES)
    if source.type == "auth":
        return f"not ({found})"
    return found if source.type == "journal" and "auth" in types else ""


def document(name: str, labels: Mapping[str, str], fields: bool) -> Iterator[str]:
    """Yield the statements that make of a record the document that the engine rsyslog sends.

    name: of the host. fields: whether any are parsed.
    """
    yield 'set(cache["@timestamp"], FormatTime(time, "%Y-%m-%dT%H:%M:%S.%fZ"))'
    for key, value in {"host": name, **labels}.items():
        yield "set(cache[%s], %s)" % (quoted(key), quoted(value))
    yield 'set(cache["service"], %s)' % SERVICE
    yield 'set(cache["severity"], severity_text)'
    for facility, code in CODES.items():
        yield 'set(cache["facility"], %s) where attributes["facility"] == %d' % (quoted(facility), code)
    yield 'set(cache["pid"], attributes["pid"]) where attributes["pid"] != nil'
    yield 'set(cache["message"], body)'
    if fields:
        yield 'set(cache["fields"], attributes["fields"]) where attributes["fields"] != nil'
    yield "set(body, cache)"


def severity_names() -> Iterator[str]:
    """Yield the statements that give the severity its name."""
    for name, number in NUMBERS.items():
        yield "set(severity_text, %s) where severity_number == %d" % (quoted(name), number)


def syslog(name: str, labels: Mapping[str, str], enterprise: int) -> Iterator[str]:
    """Yield the statements that give a record the attributes that the syslog exporter reads."""
    yield 'set(attributes["message"], body)'
    yield 'set(attributes["hostname"], %s)' % quoted(name)
    yield 'set(attributes["appname"], %s)' % SERVICE
    yield 'set(attributes["proc_id"], String(attributes["pid"])) where attributes["pid"] != nil'
    yield 'set(attributes["priority"], attributes["facility"] * 8 + 5)'
    for code, number in enumerate(NUMBERS.values()):
        yield 'set(attributes["priority"], attributes["facility"] * 8 + %d) where severity_number == %d' % (code, number)
    for key, value in labels.items():
        yield 'set(attributes["structured_data"]["groundwork@%d"][%s], %s)' % (enterprise, quoted(key), quoted(value))


def resource(name: str, labels: Mapping[str, str]) -> Iterator[str]:
    """Yield the statements that give the resource the host's name and labels."""
    for key, value in {"host.name": name, **labels}.items():
        yield "set(resource.attributes[%s], %s)" % (quoted(key), quoted(value))
