# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_aws, log_batches, log_protocol, log_protocols
from ansible_collections.groundwork.fleet.plugins.module_utils.log_https import Answer

KEYS = log_aws.Keys("AKIA", "S3CRET", "T0KEN")
AWS = {"region": "eu-central-1", "group": "g", "stream": "s", "bucket": "b", "prefix": "logs"}


class Provider(log_aws.Provider):
    """Has keys at once."""

    def __init__(self) -> None:
        super().__init__("", {}, lambda *_any: (404, ""))
        self.known = KEYS


def line(message: str = "text", number: int = 0, second: int = 0, **more: Any) -> log_batches.Line:
    known = {"@timestamp": f"2026-01-02T03:04:{second:02d}.000005+00:00", "host": "web-1", "environment": "lab", "service": "shop"}
    known |= {"severity": "err", "facility": "local0", "pid": "-", "message": message, **more}
    return log_batches.Line(json.dumps(known).encode(), "176732304.log", 7, number * 100, number * 100 + 100)


def protocol(kind: str, **parameters: Any) -> Any:
    more = [Provider()] if kind in log_protocols.OF_AWS else []
    return log_protocols.PROTOCOLS[kind](parameters, "web-1", ["environment"], *more)


def pieces(one: Any, *lines: log_batches.Line) -> list[log_batches.Piece]:
    return [one.form(each) for each in lines]


def answer(status: int, body: str = "") -> Answer:
    return Answer(status, {}, body.encode())


# --- CloudWatch --------------------------------------------------------------------------------------------------


def test_events_of_cloudwatch_are_sorted_and_count_26_bytes_more() -> None:
    one = protocol("cloudwatch", **AWS)
    found = pieces(one, line("ü", second=2), line("b", second=1))
    request = one.request(found)
    told = json.loads(request.body)
    assert request.url == "https://logs.eu-central-1.amazonaws.com/" and request.headers["x-amz-target"] == "Logs_20140328.PutLogEvents"
    assert (told["logGroupName"], told["logStreamName"]) == ("g", "s")
    assert [event["timestamp"] for event in told["logEvents"]] == [1_767_323_041_000, 1_767_323_042_000]
    assert json.loads(told["logEvents"][1]["message"])["message"] == "ü"
    assert found[0].size == len(found[0].line.text.decode().encode()) + 26
    assert "S3CRET" not in str(request) and request.headers["x-amz-security-token"] == "T0KEN"


def test_events_too_old_or_too_new_are_told_by_their_place_in_the_request() -> None:
    one = protocol("cloudwatch", **AWS)
    found = pieces(one, line(second=3), line(second=1), line(second=2))
    told = {"rejectedLogEventsInfo": {"tooOldLogEventEndIndex": 1, "tooNewLogEventStartIndex": 2}}
    verdict = one.judge(answer(200, json.dumps(told)), found)
    assert verdict.outcome == "sent" and verdict.lines == (0, 1)
    assert one.judge(answer(200, "{}"), found) == log_protocol.Verdict("sent")


@pytest.mark.parametrize(
    ("status", "kind", "outcome"),
    [
        (400, "com.amazonaws.logs#ResourceNotFoundException", "mend"),
        (400, "InvalidParameterException", "refused"),
        (400, "ThrottlingException", "retry"),
        (400, "DataAlreadyAcceptedException", "sent"),
        (400, "UnrecognizedClientException", "wait"),
        (400, "ExpiredTokenException", "wait"),
        (403, "AccessDeniedException", "wait"),
        (413, "", "refused"),
        (503, "ServiceUnavailableException", "retry"),
    ],
)
def test_what_cloudwatch_answers(status: int, kind: str, outcome: str) -> None:
    assert protocol("cloudwatch", **AWS).judge(answer(status, json.dumps({"__type": kind, "message": "m"})), []).outcome == outcome
    assert protocol("cloudwatch", **AWS).judge(answer(502, "<html>"), []).outcome == "retry"


def test_china_has_a_domain_of_its_own() -> None:
    one = protocol("cloudwatch", **{**AWS, "region": "cn-north-1"})
    assert one.request(pieces(one, line())).url == "https://logs.cn-north-1.amazonaws.com.cn/"


def test_group_and_stream_are_made() -> None:
    made = protocol("cloudwatch", **AWS, endpoint="http://here:5000/").mend()
    assert [request.headers["x-amz-target"].rpartition(".")[2] for request in made] == ["CreateLogGroup", "CreateLogStream"]
    assert json.loads(made[1].body) == {"logGroupName": "g", "logStreamName": "s"} and made[0].url == "http://here:5000/"


# --- S3 ----------------------------------------------------------------------------------------------------------


def test_an_object_has_the_name_of_its_content() -> None:
    one = protocol("s3", **AWS, interval=60)
    lines = pieces(one, line("a", 0), line("b", 1))
    request, again = one.request(lines), one.request(lines)
    assert request.method == "PUT" and one.same and one.seconds == 60
    assert request.url.startswith(
        "https://b.s3.eu-central-1.amazonaws.com/logs/year%3D2026/month%3D01/day%3D02/hour%3D03/web-1-20260102T030400Z-"
    )
    assert (again.url, again.body) == (request.url, request.body)
    assert gzip.decompress(request.body) == b"".join(piece.line.text + b"\n" for piece in lines)
    assert request.headers["x-amz-content-sha256"] == log_aws.digest(request.body)
    others = {one.request(pieces(one, line("a", 1))).url, one.request(lines[:1]).url, one.request(lines).url}
    assert len(others) == 3, "the same text at another place is another object"


def test_a_bucket_may_stand_in_the_path() -> None:
    one = protocol("s3", **{**AWS, "prefix": ""}, endpoint="https://store:9000/", path_style=True)
    assert one.request(pieces(one, line())).url.startswith("https://store:9000/b/year%3D2026/")
    one = protocol("s3", **AWS, endpoint="https://store:9000")
    assert one.request(pieces(one, line())).url.startswith("https://b.store:9000/logs/")


@pytest.mark.parametrize(
    ("status", "outcome"), [(200, "sent"), (400, "wait"), (403, "wait"), (404, "wait"), (409, "retry"), (503, "retry")]
)
def test_an_object_is_never_refused_for_its_lines(status: int, outcome: str) -> None:
    text = "<Error><Code>AccessDenied</Code><Message>no</Message><StringToSign>T0KEN</StringToSign></Error>"
    verdict = protocol("s3", **AWS).judge(answer(status, text), [])
    assert verdict.outcome == outcome and "T0KEN" not in verdict.said
    assert protocol("s3", **AWS).judge(answer(400, "<Code>RequestTimeout</Code><Message>m</Message>"), []).outcome == "retry"


# --- Loki and Datadog --------------------------------------------------------------------------------------------


def test_loki_gets_streams_of_few_labels() -> None:
    one = protocol("loki", url="https://loki/loki/api/v1/push", tenant="t", authorization="Bearer x")
    lines = (line("a", 0), line("b", 1, fields={"status": 200, "path": "/"}), line("c", 2, service="mail", pid="17"))
    found = pieces(one, *lines)
    request = one.request(found)
    plain = gzip.decompress(request.body)
    streams = json.loads(plain)["streams"]
    assert [stream["stream"]["service_name"] for stream in streams] == ["shop", "mail"]
    assert streams[0]["stream"] == {"service_name": "shop", "host": "web-1", "level": "err", "environment": "lab"}
    first, second = streams[0]["values"]
    assert first == ["1767323040000005000", "a", {"facility": "local0"}]
    assert second == ["1767323040000005001", "b", {"status": "200", "path": "/", "facility": "local0"}], "equal times stay apart"
    assert streams[1]["values"][0][2] == {"facility": "local0", "pid": "17"}
    assert (request.headers["X-Scope-OrgID"], request.headers["Authorization"]) == ("t", "Bearer x")
    assert sum(piece.size for piece in found) >= len(plain) - len('{"streams":[]}')
    assert one.secrets() == ["Bearer x"]


def test_datadog_gets_entries_with_its_names() -> None:
    one = protocol("datadog", api_key="k3y", site="datadoghq.eu")
    found = pieces(one, line("a", fields={"status": 200}), line(""))
    request = one.request(found)
    plain = gzip.decompress(request.body)
    first, second = json.loads(plain)
    wanted = {"message": "a", "hostname": "web-1", "service": "shop", "status": "err", "ddtags": "environment:lab", "facility": "local0"}
    assert first == {**wanted, "timestamp": 1_767_323_040_000, "ddsource": "groundwork", "fields.status": "200"}
    assert second["message"] == "" and sum(piece.size for piece in found) == len(plain) - 1
    assert request.url == "https://http-intake.logs.datadoghq.eu/api/v2/logs" and request.headers["DD-API-KEY"] == "k3y"
    other = protocol("datadog", api_key="k3y", site="x", url="https://proxy:8443")
    assert other.request(found).url == "https://proxy:8443/api/v2/logs"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (202, "sent"),
        (204, "sent"),
        (400, "refused"),
        (413, "refused"),
        (401, "wait"),
        (403, "wait"),
        (404, "wait"),
        (429, "retry"),
        (500, "retry"),
    ],
)
def test_what_others_answer(status: int, outcome: str) -> None:
    verdict = protocol("datadog", api_key="k").judge(answer(status, "said\n so"), [])
    assert verdict.outcome == outcome and (outcome == "sent" or verdict.said == f"HTTP {status}: said so")


@pytest.mark.parametrize("kind", log_protocols.PROTOCOLS)
def test_bytes_that_are_no_text_do_not_stop_it(kind: str) -> None:
    one = protocol(kind, **AWS, url="https://x", api_key="k", site="s")
    odd = log_batches.Line(b'{"message": "\xff\xfe \\ud800"}', "176732304.log", 7, 0, 30)
    assert one.request(pieces(one, odd, odd._replace(text=b""))).body


# --- OTLP --------------------------------------------------------------------------------------------------------


def test_records_of_otlp_stand_below_their_resource() -> None:
    one = protocol("otlp", url="https://c:4318/v1/logs", headers={"x-team": "ops"}, authorization="Bearer x")
    values = {"text": "a", "number": 5, "huge": 2**70, "part": 0.5, "yes": True, "none": None, "list": [1, "b"]}
    found = pieces(one, line("a", fields=values, pid="17"), line("b", service="mail"), line("c"))
    request = one.request(found)
    plain = gzip.decompress(request.body)
    shop, mail = json.loads(plain)["resourceLogs"]
    assert [record["body"]["stringValue"] for record in shop["scopeLogs"][0]["logRecords"]] == ["a", "c"]
    told = {pair["key"]: pair["value"]["stringValue"] for pair in mail["resource"]["attributes"]}
    assert told == {"service.name": "mail", "host.name": "web-1", "environment": "lab"}
    first = shop["scopeLogs"][0]["logRecords"][0]
    assert (first["timeUnixNano"], first["severityText"], first["severityNumber"]) == ("1767323040000005000", "err", 17)
    attributes = {pair["key"]: pair["value"] for pair in first["attributes"]}
    assert attributes["pid"] == {"stringValue": "17"} and attributes["facility"] == {"stringValue": "local0"}
    assert {pair["key"]: pair["value"] for pair in attributes["fields"]["kvlistValue"]["values"]} == {
        "text": {"stringValue": "a"},
        "number": {"intValue": "5"},
        "huge": {"stringValue": str(2**70)},
        "part": {"doubleValue": 0.5},
        "yes": {"boolValue": True},
        "list": {"arrayValue": {"values": [{"intValue": "1"}, {"stringValue": "b"}]}},
    }
    assert (request.headers["x-team"], request.headers["Authorization"]) == ("ops", "Bearer x") and one.secrets() == ["Bearer x"]
    assert sum(piece.size for piece in found) >= len(plain) - len('{"resourceLogs":[]}')


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("{}", "sent"),
        ('{"partialSuccess": {"rejectedLogRecords": "0", "errorMessage": "a hint"}}', "sent"),
        ('{"partialSuccess": {"rejectedLogRecords": "2", "errorMessage": "too old"}}', "refused"),
        ('{"partialSuccess": ["rejectedLogRecords"]}', "sent"),
    ],
)
def test_what_a_receiver_of_otlp_took_in_part_is_cut_into_halves(body: str, outcome: str) -> None:
    verdict = protocol("otlp").judge(answer(200, body), [])
    assert verdict.outcome == outcome and (outcome == "sent" or verdict.said == "2 lines were rejected: too old")
    assert protocol("otlp").judge(answer(400, "no"), []).outcome == "refused"
