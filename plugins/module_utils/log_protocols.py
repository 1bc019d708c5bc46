# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an output of `groundwork-log-send` speaks: CloudWatch Logs, S3, Loki, Datadog, OTLP. Each makes requests and judges answers.

Limits are those of the reference of each: PutLogEvents of the API of CloudWatch Logs, "Send logs" of Datadog's API. Loki's own are settings
of the server; what is here stays below its defaults.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import time
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence
from urllib.parse import quote, urlsplit

from ansible_collections.groundwork.fleet.plugins.module_utils import log_aws, log_https
from ansible_collections.groundwork.fleet.plugins.module_utils.log_batches import Limits, Line, Piece, fields, moment
from ansible_collections.groundwork.fleet.plugins.module_utils.log_https import Answer, Request
from ansible_collections.groundwork.fleet.plugins.module_utils.log_protocol import (
    MEND,
    REFUSED,
    RETRY,
    SAID,
    SENT,
    WAIT,
    Protocol,
    Verdict,
    compact,
    packed,
)

OWN = ("@timestamp", "host", "service", "severity", "facility", "pid", "message", "fields")
#: Severities of syslog to the numbers that OpenTelemetry's data model of logs gives them.
SEVERITY_NUMBERS: Mapping[str, int] = {
    "emerg": 21,
    "alert": 19,
    "crit": 18,
    "err": 17,
    "warning": 13,
    "notice": 10,
    "info": 9,
    "debug": 5,
}
METADATA = 100  # of Loki's 128 entries of structured metadata of a line
_CODE = re.compile(r"<Code>([^<]{1,80})</Code>.*?<Message>([^<]{0,300})", re.DOTALL)


# --- AWS ---------------------------------------------------------------------------------------------------------


class _Aws(Protocol):
    service = ""

    def __init__(
        self, parameters: Mapping[str, Any], host: str, labels: Sequence[str], provider: Optional[log_aws.Provider] = None
    ) -> None:
        super().__init__(parameters, host, labels)
        self.provider = provider or log_aws.Provider("", {}, log_https.asked_plainly)
        self.now: Callable[[], float] = time.time

    def secrets(self) -> List[str]:
        known = self.provider.known
        return [one for one in (known.secret, known.session) if one] if known else []

    def forget(self) -> None:
        self.provider.forget()

    def place(self) -> str:
        """Return the address of the service in the region."""
        region = str(self.parameters["region"])
        return "https://%s.%s.amazonaws.com%s" % (self.service, region, ".cn" if region.startswith("cn-") else "")

    def signed(self, method: str, url: str, headers: Dict[str, str], body: bytes) -> Request:
        """Return a request with its signature. Raises log_aws.NoKeys."""
        region = str(self.parameters["region"])
        return Request(
            method, url, log_aws.signed(method, url, headers, body, self.provider.keys(), region, self.service, self.now()), body
        )


def _by_time(pieces: Sequence[Piece]) -> List[int]:
    """Return the numbers of lines in the order of their times, in which CloudWatch wants them."""
    return sorted(range(len(pieces)), key=lambda number: int(pieces[number].made[0]))


class CloudWatch(_Aws):
    """PutLogEvents of CloudWatch Logs."""

    service = "logs"
    overhead = 26  # bytes that each event counts besides its text
    limits = Limits(10_000, 1_048_576, 1_048_576, 24 * 3600 * 10**6 - 10**6)
    _later = ("ThrottlingException", "ServiceUnavailableException", "LimitExceededException", "OperationAbortedException")
    _poison = ("InvalidParameterException", "SerializationException", "ValidationException")

    def form(self, line: Line) -> Piece:
        text = line.text.decode("utf-8", "replace") or "-"  # an empty text is refused
        return Piece(line, len(text.encode()) + self.overhead, (moment(line) // 1000, text))

    def request(self, pieces: Sequence[Piece]) -> Request:
        made = (pieces[number].made for number in _by_time(pieces))
        events = [{"timestamp": when, "message": text} for when, text in made]
        return self._asks("PutLogEvents", {**self._stream(), "logEvents": events})

    def judge(self, answer: Answer, pieces: Sequence[Piece]) -> Verdict:
        try:
            told = json.loads(answer.text or "{}")
            told = told if isinstance(told, dict) else {}
        except ValueError:
            told = {}
        if answer.status == 200:
            return self._taken(told.get("rejectedLogEventsInfo") or {}, pieces)
        kind = str(told.get("__type", "")).rpartition("#")[2]
        said = "HTTP %d: %s: %s" % (answer.status, kind, str(told.get("message") or told.get("Message") or "")[:SAID])
        if kind == "DataAlreadyAcceptedException":
            return Verdict(SENT)
        if kind == "ResourceNotFoundException":
            return Verdict(MEND, said)
        if kind in self._poison or answer.status == 413:
            return Verdict(REFUSED, said)
        return Verdict(RETRY if kind in self._later or answer.status in (408, 429) or answer.status >= 500 else WAIT, said)

    @staticmethod
    def _taken(rejected: Mapping[str, Any], pieces: Sequence[Piece]) -> Verdict:
        """Return which lines were refused for their time; the numbers that are told are those of the request, which is sorted."""
        order = _by_time(pieces)
        old = max(int(rejected.get("tooOldLogEventEndIndex") or 0), int(rejected.get("expiredLogEventEndIndex") or 0))
        new = int(rejected.get("tooNewLogEventStartIndex", len(order)))
        refused = tuple(sorted([*order[:old], *order[max(new, old) :]]))
        return Verdict(SENT, "its time is too old or too new for the log group" if refused else "", refused)

    def mend(self) -> List[Request]:
        group = {"logGroupName": self.parameters["group"]}
        return [self._asks("CreateLogGroup", group), self._asks("CreateLogStream", self._stream())]

    def _stream(self) -> Dict[str, Any]:
        return {"logGroupName": self.parameters["group"], "logStreamName": self.parameters["stream"]}

    def _asks(self, action: str, content: Mapping[str, Any]) -> Request:
        url = str(self.parameters.get("endpoint") or self.place()).rstrip("/") + "/"
        headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": "Logs_20140328." + action}
        return self.signed("POST", url, headers, compact(content).encode())


class S3(_Aws):
    """Objects of JSON lines. Their name is that of their content, so one that is sent again takes the place of itself."""

    service, same = "s3", True
    limits = Limits(50_000, 16 << 20, 16 << 20)

    def __init__(
        self, parameters: Mapping[str, Any], host: str, labels: Sequence[str], provider: Optional[log_aws.Provider] = None
    ) -> None:
        super().__init__(parameters, host, labels, provider)
        self.seconds = float(parameters.get("interval") or 0)

    def form(self, line: Line) -> Piece:
        return Piece(line, len(line.text) + 1, None)

    def request(self, pieces: Sequence[Piece]) -> Request:
        plain = b"".join(piece.line.text + b"\n" for piece in pieces)
        body = packed(plain)
        url = "%s/%s" % (self._bucket(), quote(self.name(pieces[0].line, plain), safe="/-_.~"))
        headers = {"content-type": "application/gzip", "x-amz-content-sha256": log_aws.digest(body)}
        return self.signed("PUT", url, headers, body)

    def name(self, first: Line, plain: bytes) -> str:
        """Return the name of the object that begins with a line. plain: its content before it is packed."""
        begun = datetime.datetime.fromtimestamp(moment(first) // 10**6, datetime.timezone.utc)
        # With where it stands: the same lines said twice are two objects.
        sum_of = hashlib.sha256(("%s %d %d " % (first.segment, first.inode, first.start)).encode() + plain).hexdigest()[:16]
        parts = [str(self.parameters.get("prefix") or "").strip("/"), begun.strftime("year=%Y/month=%m/day=%d/hour=%H")]
        return "/".join([*filter(None, parts), "%s-%s-%s.json.gz" % (self.host, begun.strftime("%Y%m%dT%H%M%SZ"), sum_of)])

    def judge(self, answer: Answer, pieces: Sequence[Piece]) -> Verdict:
        if 200 <= answer.status < 300:
            return Verdict(SENT)
        match = _CODE.search(answer.text)
        said = "HTTP %d: %s" % (answer.status, "%s: %s" % (match[1], match[2]) if match else "nothing more is said")
        later = answer.status in (408, 409, 429) or answer.status >= 500 or (match and match[1] in ("RequestTimeout", "SlowDown"))
        return Verdict(RETRY if later else WAIT, said)  # an object is never refused for its lines

    def _bucket(self) -> str:
        given = str(self.parameters.get("endpoint") or self.place()).rstrip("/")
        bucket = quote(str(self.parameters["bucket"]), safe="-_.~")
        if self.parameters.get("path_style"):
            return "%s/%s" % (given, bucket)
        place = urlsplit(given)
        return "%s://%s.%s%s" % (place.scheme, bucket, place.netloc, place.path)


# --- Loki, Datadog, OTLP ----------------------------------------------------------------------------------------


class Loki(Protocol):
    """Loki's push API. Its labels are the service, the host, the severity and the labels of the fleet; the rest is structured metadata."""

    limits = Limits(5_000, 1 << 20, 1 << 18)

    def form(self, line: Line) -> Piece:
        known = fields(line)
        stream, value = compact(self._stream(known)), compact(self._value(line, known))
        # As if each line began a stream of its own.
        return Piece(line, len(stream.encode()) + len(value.encode()) + len('{"stream":,"values":[]},'), (stream, value))

    def request(self, pieces: Sequence[Piece]) -> Request:
        streams: Dict[str, List[str]] = {}
        for piece in pieces:
            stream, value = piece.made
            streams.setdefault(stream, []).append(value)
        made = ",".join('{"stream":%s,"values":[%s]}' % (stream, ",".join(values)) for stream, values in streams.items())
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        for header, name in (("X-Scope-OrgID", "tenant"), ("Authorization", "authorization")):
            if self.parameters.get(name):
                headers[header] = str(self.parameters[name])
        return Request("POST", str(self.parameters["url"]), headers, packed(('{"streams":[%s]}' % made).encode()))

    def _stream(self, known: Mapping[str, Any]) -> Dict[str, str]:
        found = {"service_name": known.get("service"), "host": known.get("host") or self.host, "level": known.get("severity")}
        found.update({re.sub(r"[^A-Za-z0-9_]", "_", name): known.get(name) for name in self.labels})
        return {name: str(value) for name, value in found.items() if value not in (None, "")}

    @staticmethod
    def _value(line: Line, known: Mapping[str, Any]) -> List[Any]:
        """Return time, text and metadata of a line.

        rsyslog's times end at microseconds; what Loki gets behind them comes from the place of the line, so that equal lines of one
        microsecond are two for Loki, and one that is sent again is the same.
        """
        when = str(moment(line) * 1000 + (line.start >> 6) % 1000)
        given = known.get("fields")
        more = {**(given if isinstance(given, dict) else {}), "facility": known.get("facility"), "pid": known.get("pid")}
        kept = {re.sub(r"[^A-Za-z0-9_]", "_", name): value for name, value in more.items() if value not in (None, "", "-")}
        texts = {name: value if isinstance(value, str) else compact(value) for name, value in list(kept.items())[-METADATA:]}
        return [when, str(known.get("message", "")), *([texts] if texts else [])]


class Datadog(Protocol):
    """Datadog's intake of logs, version 2."""

    limits = Limits(1000, 5_000_000 - 2, 1_000_000)

    def form(self, line: Line) -> Piece:
        known = fields(line)
        given = known.get("fields")
        found: Dict[str, Any] = {"hostname": known.get("host") or self.host, "service": known.get("service"), "ddsource": "groundwork"}
        found.update({"status": known.get("severity"), "facility": known.get("facility"), "pid": known.get("pid")})
        found["ddtags"] = ",".join("%s:%s" % (name, known[name]) for name in self.labels if known.get(name))
        found.update({"fields." + name: value for name, value in (given if isinstance(given, dict) else {}).items()})
        # Attributes are texts in the reference.
        texts = {name: value if isinstance(value, str) else compact(value) for name, value in found.items() if value not in (None, "", "-")}
        made = compact({"message": str(known.get("message", "")), "timestamp": moment(line) // 1000, **texts})
        return Piece(line, len(made.encode()) + 1, made)

    def request(self, pieces: Sequence[Piece]) -> Request:
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip", "DD-API-KEY": str(self.parameters["api_key"])}
        body = "[%s]" % ",".join(str(piece.made) for piece in pieces)
        place = str(self.parameters.get("url") or "https://http-intake.logs.%s" % self.parameters["site"])
        return Request("POST", place + "/api/v2/logs", headers, packed(body.encode()))


class Otlp(Protocol):
    """OpenTelemetry's protocol over HTTP, as JSON (its specification, "OTLP/HTTP")."""

    limits = Limits(2048, 2 << 20, 1 << 20)

    def form(self, line: Line) -> Piece:
        known = fields(line)
        when, severity = str(moment(line) * 1000), str(known.get("severity") or "")
        record: Dict[str, Any] = {
            "timeUnixNano": when,
            "observedTimeUnixNano": when,
            "body": {"stringValue": str(known.get("message", ""))},
        }
        if severity in SEVERITY_NUMBERS:
            record.update({"severityText": severity, "severityNumber": SEVERITY_NUMBERS[severity]})
        more = {name: known[name] for name in ("facility", "pid", "fields") if known.get(name) not in (None, "", "-")}
        made = compact({**record, "attributes": _pairs(more)})
        about = {"service.name": known.get("service"), "host.name": known.get("host") or self.host}
        resource = compact(_pairs({**about, **{name: known.get(name) for name in self.labels}}))
        # As if each line were of a resource of its own.
        return Piece(line, len(made.encode()) + len(resource.encode()) + len(self._of("", "")) + 1, (resource, made))

    def request(self, pieces: Sequence[Piece]) -> Request:
        resources: Dict[str, List[str]] = {}
        for piece in pieces:
            resource, record = piece.made
            resources.setdefault(resource, []).append(record)
        body = '{"resourceLogs":[%s]}' % ",".join(self._of(resource, ",".join(records)) for resource, records in resources.items())
        headers = {**(self.parameters.get("headers") or {}), "Content-Type": "application/json", "Content-Encoding": "gzip"}
        if self.parameters.get("authorization"):
            headers["Authorization"] = str(self.parameters["authorization"])
        return Request("POST", str(self.parameters["url"]), headers, packed(body.encode()))

    def judge(self, answer: Answer, pieces: Sequence[Piece]) -> Verdict:
        verdict = super().judge(answer, pieces)
        if verdict.outcome != SENT or b"rejectedLogRecords" not in answer.body:
            return verdict
        try:
            part = json.loads(answer.text)["partialSuccess"]
            rejected, said = int(part.get("rejectedLogRecords") or 0), str(part.get("errorMessage") or "")[:SAID]
        except (ValueError, KeyError, TypeError, AttributeError):
            return verdict
        # Which ones it does not say, so those that it took are sent twice rather than one of the others not at all.
        return Verdict(REFUSED, "%d lines were rejected: %s" % (rejected, said)) if rejected else verdict

    @staticmethod
    def _of(resource: str, records: str) -> str:
        return '{"resource":{"attributes":%s},"scopeLogs":[{"scope":{},"logRecords":[%s]}]}' % (resource, records)


def _pairs(values: Mapping[str, Any]) -> List[Dict[str, Any]]:
    """Return attributes as OTLP writes them; those that are null are left out."""
    return [{"key": name, "value": _value(value)} for name, value in values.items() if value is not None]


def _value(value: Any) -> Dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)} if -(2**63) <= value < 2**63 else {"stringValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, dict):
        return {"kvlistValue": {"values": _pairs(value)}}
    if isinstance(value, list):
        return {"arrayValue": {"values": [_value(one) for one in value]}}
    return {"stringValue": str(value)}


PROTOCOLS: Mapping[str, Any] = {"cloudwatch": CloudWatch, "s3": S3, "loki": Loki, "datadog": Datadog, "otlp": Otlp}
OF_AWS = ("cloudwatch", "s3")
