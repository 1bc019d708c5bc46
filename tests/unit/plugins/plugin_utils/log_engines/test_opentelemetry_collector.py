# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_model, log_types
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines import COLLECTOR, Setting
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines import opentelemetry_collector as engine

from tests.unit.plugins.plugin_utils.test_log_model import ENTRIES, SERVERS, SERVICES

SETTING = Setting("web-1", "/s/g", "/tls", "Debian", {"environment": 'a"b$'})
OTLP: dict[str, Any] = {"otlp": {"type": "otlp", "endpoint": "https://o:4318"}}


def parsed(declared: Any, servers: Any = ()) -> log_types.Logs:
    return log_model.parsed(declared, SERVICES, servers, ENTRIES, COLLECTOR)


def tree(declared: Any) -> dict[str, Any]:
    return engine.configuration(parsed(declared), SETTING)


def exporter(output: dict[str, Any]) -> dict[str, Any]:
    [(_name, found)] = tree({"outputs": {"x": output}})["exporters"].items()
    return found


def test_the_journal_and_the_files_go_to_the_output() -> None:
    found = tree({"outputs": OTLP})
    assert list(found["receivers"]) == ["journald/journal", "file_log/service_shop"]
    assert found["service"]["pipelines"] == {
        "logs/from_journal": {
            "receivers": ["journald/journal"],
            "processors": ["transform/from_journal"],
            "exporters": ["forward/flow_everything"],
        },
        "logs/from_service_shop": {
            "receivers": ["file_log/service_shop"],
            "processors": ["transform/from_service_shop"],
            "exporters": ["forward/flow_everything"],
        },
        "logs/flow_everything": {"receivers": ["forward/flow_everything"], "processors": [], "exporters": ["forward/to_otlp"]},
        "logs/to_otlp": {"receivers": ["forward/to_otlp"], "processors": ["transform/to_otlp"], "exporters": ["otlp_http/otlp"]},
    }
    assert "batch" not in json.dumps(found["processors"]), "a batch processor holds records in memory that their source counts as read"


def test_nothing_of_the_journal_is_left_out() -> None:
    journal = tree({"outputs": OTLP})["receivers"]["journald/journal"]
    assert journal["priority"] == "debug" and journal["all"] is True and journal["convert_message_bytes"] is True


def test_files_are_read_to_their_end_though_they_were_rotated_away() -> None:
    files = tree({"outputs": OTLP, "inputs": {"app": {"paths": ["/l/a.log", "/l/b*"], "multiline": {"start": "^[0-9]$"}}}})["receivers"]
    app = files["file_log/app"]
    assert app["include"] == ["/l/a.log", "/l/b*", "/l/a.log.[0-9]*", "/l/a.log-[0-9]*", "/s/g/recovered/app/*.log"]
    assert "/l/a.log.[0-9]*.gz" in app["exclude"] and app["start_at"] == "beginning" and app["storage"] == "file_storage/places"
    assert app["multiline"] == {"line_start_pattern": "^[0-9]$"} and app["resource"] == {"service.name": "app"}


def test_each_output_has_a_queue_of_its_own_and_never_gives_up() -> None:
    found = exporter(OTLP["otlp"])
    queue = found["sending_queue"]
    assert queue["storage"] == "file_storage/queue" and queue["sizer"] == "bytes"
    assert queue["queue_size"] == "${env:GROUNDWORK_LOG_BOUND_X}" and "block_on_overflow" not in queue
    assert found["retry_on_failure"]["max_elapsed_time"] == "0s"


@pytest.mark.parametrize("kind", sorted(name for name, entry in ENTRIES.items() if COLLECTOR in entry["engines"]))
def test_every_output_that_it_has_is_rendered(kind: str) -> None:
    spec = ENTRIES[kind]["option_spec"]
    given = {name: {"list": ["a:1"], "int": 1}.get(one.get("type"), "https://a") for name, one in spec.items() if one.get("required")}
    given |= {name: "eu-1" for name in ("region", "topic") if name in given}
    found = tree({"outputs": {"x": {"type": kind, **given}}})
    [(name, one)] = found["exporters"].items()
    assert name.endswith("/x") and one["retry_on_failure"]["max_elapsed_time"] == "0s" and "storage" in one["sending_queue"]
    assert "{" not in json.dumps(one).replace("${", "").replace('{"', "").replace("{}", ""), "no placeholder is left"


def test_addresses_and_headers() -> None:
    loki = exporter({"type": "loki", "url": "https://l:3100", "tenant": "t", "authorization": "Basic x"})
    assert loki["endpoint"] == "https://l:3100/otlp"
    assert loki["headers"] == {"X-Scope-OrgID": "t", "Authorization": "${file:${env:CREDENTIALS_DIRECTORY}/x.authorization}"}
    otlp = exporter({**OTLP["otlp"], "headers": {"a": "b"}, "ca": "system", "client_certificate": False})
    assert otlp["headers"] == {"a": "b"} and "tls" not in otlp
    tls = exporter(OTLP["otlp"])["tls"]
    assert tls["ca_file"] == "${env:CREDENTIALS_DIRECTORY}/ca.crt" and tls["key_file"] == "${env:CREDENTIALS_DIRECTORY}/host.key"
    assert exporter({"type": "datadog", "api_key": "k", "site": "datadoghq.eu"})["logs_endpoint"] == "https://otlp.datadoghq.eu/v1/logs"
    assert exporter({"type": "syslog_tls", "host": "h", "name": "n"})["tls"]["server_name_override"] == "n"
    assert exporter({"type": "kafka", "brokers": ["b:1"], "topic": "t"})["producer"]["required_acks"] == "all"
    assert exporter({"type": "s3", "bucket": "b"})["sending_queue"]["batch"]["flush_timeout"] == "60s"


def test_cloudwatch_signs_its_requests() -> None:
    found = tree({"outputs": {"x": {"type": "cloudwatch", "region": "eu-1", "group": "g", "stream": "s"}}})
    assert found["extensions"]["sigv4auth/x"] == {"region": "eu-1", "service": "logs"} and "sigv4auth/x" in found["service"]["extensions"]
    assert found["exporters"]["otlp_http/x"]["auth"] == {"authenticator": "sigv4auth/x"}


def test_a_secret_stands_in_no_configuration() -> None:
    logs = parsed({"outputs": {"x": {"type": "datadog", "api_key": "hidden-word"}}})
    assert not any("hidden-word" in text for text in engine.render(logs, SETTING).texts.values())
    assert list(engine.secrets(logs.outputs["x"])) == [("x.api_key", "hidden-word")]


def test_a_dollar_stands_for_itself() -> None:
    text = engine.text_of(tree({"outputs": OTLP, "flows": {"f": {"select": {"matches": "end$"}}}}))
    assert "end$$" in text and '"${env:GROUNDWORK_LOG_BOUND_OTLP}"' in text and 'a\\\\\\"b$$' in text


def test_a_flow_is_a_pipeline() -> None:
    flow = {"parse": "json", "select": {"severity": "err"}, "drop": {"matches": "x"}, "sample": 4, "redact": ["mail"]}
    found = tree({"outputs": OTLP, "flows": {"f": flow}})
    steps = found["service"]["pipelines"]["logs/flow_f"]["processors"]
    chance = ["transform/chance_f", "probabilistic_sampler/f", "transform/chosen_f"]
    assert steps == ["transform/parse_f", "filter/flow_f", *chance, "transform/redact_f"]
    assert found["processors"]["filter/flow_f"]["logs"]["log_record"] == ["not (severity_number >= 17)", 'IsMatch(body, "x")']
    assert found["processors"]["probabilistic_sampler/f"]["sampling_percentage"] == 25
    redact = found["processors"]["transform/redact_f"]["log_statements"][0]["statements"]
    assert redact[1] == 'delete_key(attributes, "fields")', "what was redacted must not stand in the fields either"


def test_logins_are_a_part_of_the_journal() -> None:
    found = tree({"outputs": OTLP, "inputs": {"auth": {"type": "auth"}}})
    assert [name for name in found["receivers"] if name.startswith("journald")] == ["journald/journal"]
    assert found["processors"]["filter/from_auth"]["logs"]["log_record"] == [
        'not (attributes["facility"] == 4 or attributes["facility"] == 10)'
    ]
    assert found["processors"]["filter/from_journal"]["logs"]["log_record"] == [
        'attributes["facility"] == 4 or attributes["facility"] == 10'
    ]
    alone = tree({"outputs": OTLP, "inputs": {"auth": {"type": "auth"}, "journal": None}})
    assert "logs/from_journal" not in alone["service"]["pipelines"] and "journald/journal" in alone["receivers"]


def test_what_nobody_asks_for_is_not_there() -> None:
    found = tree({"outputs": {**OTLP, "other": OTLP["otlp"]}, "flows": {"f": {"inputs": ["journal"], "outputs": ["otlp"]}}})
    assert list(found["receivers"]) == ["journald/journal"] and list(found["exporters"]) == ["otlp_http/otlp"]


def test_what_waits_is_sent_by_the_same_exporters_without_inputs() -> None:
    whole = tree({"outputs": OTLP})
    drained = engine.drained(whole)
    assert drained["exporters"] == whole["exporters"] and list(drained["receivers"]) == ["file_log/none"]
    assert list(drained["extensions"]) == drained["service"]["extensions"] == ["file_storage/queue"]
    assert drained["service"]["pipelines"] == {"logs/to_otlp": {"receivers": ["file_log/none"], "exporters": ["otlp_http/otlp"]}}


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"outputs": {"x": {"type": "relp", "host": "a", "name": "a"}}}, "outputs.x.type is 'relp'.*speaks no RELP"),
        ({"outputs": {"x": {"type": "file", "path": "/c"}}}, "outputs.x.type is 'file'.*a kill would lose"),
        ({"outputs": {"x": {"type": "elasticsearch", "servers": ["a"]}}}, "outputs.x.type.*drops what it has"),
        ({"outputs": {"x": {**OTLP["otlp"], "when_full": "oldest"}}}, "outputs.x.when_full is 'oldest'.*newest"),
        ({"outputs": {"x": {"type": "kafka", "brokers": ["a"], "topic": "t", "settings": ["a=b"]}}}, "outputs.x.settings.*librdkafka"),
        ({"inputs": {"i": {"type": "syslog", "transport": "unix", "path": "/run/x"}}, "outputs": OTLP}, "inputs.i.transport is 'unix'"),
        ({"inputs": {"i": {"type": "syslog", "transport": "tls", "clients": ["a"]}}, "outputs": OTLP}, "inputs.i.transport is 'tls'.*name"),
        ({"inputs": {"i": {"type": "syslog", "transport": "relp", "clients": ["a"]}}, "outputs": OTLP}, "inputs.i.transport is 'relp'"),
        ({"outputs": OTLP, "flows": {"f": {"select": {"matches": "a{,3}"}}}}, "flows.f.select.matches.*repetitions"),
        (
            {"outputs": OTLP, "flows": {"f": {"rate_limit": {"lines": 5}, "select": {"services": ["shop"]}}}},
            "flows.f.rate_limit is 5.*by source",
        ),
        ({"outputs": OTLP, "flows": {"f": {"parse": {"matches": "(a)", "fields": ["x-y"]}}}}, "flows.f.parse.fields is 'x-y'"),
        ({"outputs": OTLP, "flows": {"f": {"redact": [{"matches": "a{2000}"}]}}}, "flows.f.redact.*RE2"),
    ],
)
def test_what_it_cannot_do_is_refused_by_name(declared: Any, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        parsed(declared)


def test_log_servers_are_refused_with_what_to_write() -> None:
    with pytest.raises(BadInput, match=r"fleet_logs.outputs.log_server_ops_1.type is 'relp'.*type: syslog_tls, port: 6514"):
        parsed({}, SERVERS)
    logs = parsed({"outputs": {"log_servers": {"type": "syslog_tls", "port": 6514}}}, SERVERS)
    assert logs.outputs["log_server_ops_1"].options["port"] == 6514


def test_two_files_of_credentials_are_one_too_many() -> None:
    one = {"type": "s3", "bucket": "b", "credentials_file": "/a"}
    with pytest.raises(BadInput, match="credentials_file"):
        parsed({"outputs": {"x": one, "y": {**one, "credentials_file": "/b"}}})
