# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_model
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_types import Logs

CATALOGUE = Path(log_model.__file__).parents[2] / "catalogue" / "log_outputs"
ENTRIES: dict[str, Any] = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in CATALOGUE.glob("*.yml")}
SERVERS = [{"host": "192.0.2.9", "port": 2514, "name": "ops-1"}]
SERVICES = [{"service": "shop", "files": ["/var/log/shop/*.log"]}, {"service": "web", "journal": True}]


def parsed(declared: Any, servers: Any = SERVERS, services: Any = SERVICES) -> Logs:
    return log_model.parsed(declared, services, servers, ENTRIES, "rsyslog")


def test_without_a_word_everything_goes_to_the_log_servers() -> None:
    logs = parsed({})
    assert list(logs.inputs) == ["journal", "service_shop"]
    assert logs.inputs["service_shop"].paths == ("/var/log/shop/*.log",) and logs.inputs["service_shop"].service == "shop"
    assert logs.outputs["log_server_ops_1"].options == {"host": "192.0.2.9", "port": 2514, "name": "ops-1", "alternatives": []}
    [flow] = logs.flows
    assert flow.inputs == ("journal", "service_shop") and flow.outputs == ("log_server_ops_1",) and not flow.select


BOTH = [*SERVERS, {"host": "192.0.2.10", "port": 2515, "name": "ops-2"}]


def test_the_first_log_server_that_answers_is_one_output() -> None:
    declared = {"outputs": {"log_servers": {"servers": "first_available", "disk": "1g"}}, "flows": {"a": {"outputs": ["log_servers"]}}}
    logs = parsed(declared, BOTH)
    assert list(logs.outputs) == ["log_servers"] and logs.flows[0].outputs == ("log_servers",)
    assert logs.outputs["log_servers"].servers == tuple(BOTH) and logs.outputs["log_servers"].bound == 1 << 30
    assert log_model.is_one_output(declared) and not log_model.is_one_output({"outputs": {"log_servers": None}})
    assert parsed(declared).outputs["log_servers"].servers == (), "one server is none to turn from"
    same = {"outputs": {"log_servers": {"servers": "all"}}}
    assert list(parsed(same, BOTH).outputs) == ["log_server_ops_1", "log_server_ops_2"]
    one = {"type": "relp", **SERVERS[0], "alternatives": [{"host": "b", "name": "b"}]}
    assert parsed({"outputs": {"x": one}}).outputs["x"].servers[1] == {"host": "b", "port": 2514, "name": "b"}


@pytest.mark.parametrize(
    ("common", "engine", "said"),
    [
        ({"servers": "first_availble"}, "rsyslog", "log_servers.servers is 'first_availble'.*Did you mean 'first_available'"),
        (
            {"servers": "first_available", "type": "syslog_tls", "port": 6514},
            "rsyslog",
            "expected all with the type syslog_tls.*acknowledged",
        ),
        ({"servers": "first_available"}, "opentelemetry-collector", "expected all with the engine opentelemetry-collector"),
        (
            {"servers": "first_available", "type": "syslog_tls", "port": 6514},
            "opentelemetry-collector",
            "fleet_logs.outputs.log_servers.servers is 'first_available'",
        ),
        ({"servers": "first_available", "name": "both"}, "rsyslog", r"servers of different names"),
    ],
)
def test_servers_that_cannot_be_turned_to_are_refused(common: Any, engine: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        log_model.parsed({"outputs": {"log_servers": common}}, SERVICES, BOTH, ENTRIES, engine)


def test_a_flow_names_what_it_takes_and_where_it_goes() -> None:
    declared = {
        "inputs": {"network": {"type": "syslog", "transport": "relp", "clients": ["router"]}},
        "outputs": {"copy": {"type": "file", "path": "/var/log/copy", "disk": "500m", "when_full": "newest"}},
        "flows": {
            "errors": {"inputs": ["journal"], "select": {"severity": "err", "services": ["web"]}, "redact": ["mail"], "outputs": ["copy"]},
            "all": {"outputs": ["log_servers"]},
        },
    }
    logs = parsed(declared)
    errors, everything = logs.flows
    assert errors.inputs == ("journal",) and errors.outputs == ("copy",) and errors.select.severity == "err" and len(errors.redact) == 1
    assert everything.outputs == ("log_server_ops_1",) and "network" in everything.inputs
    assert logs.inputs["network"].port == 2514
    assert logs.outputs["copy"].bound == 500 << 20 and logs.outputs["copy"].policy == "newest"


def test_null_takes_away() -> None:
    logs = parsed({"inputs": {"journal": None}, "outputs": {"log_servers": None, "copy": {"type": "file", "path": "/c"}}})
    assert list(logs.inputs) == ["service_shop"] and list(logs.outputs) == ["copy"]
    logs = parsed({"inputs": {"journal": None}, "flows": {"a": {"select": {"services": ["shop"]}}}})
    assert logs.flows[0].inputs == ("service_shop",), "a flow of every input does not ask for one that is taken away"


def test_two_facets_of_a_service_are_two_inputs() -> None:
    services = [{"service": "a", "files": ["/1"]}, {"service": "a", "files": ["/2"], "severity": "err"}]
    logs = parsed({}, services=services)
    assert [logs.inputs[name].paths for name in ("service_a_0", "service_a_1")] == [("/1",), ("/2",)]
    assert logs.inputs["service_a_1"].severity == "err"


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ([], "fleet_logs"),
        ({"flow": {}}, "Did you mean 'flows'"),
        ({"inputs": {"x": {"type": "file"}}}, "fleet_logs.inputs.x.type is 'file'.*Did you mean 'files'"),
        ({"inputs": {"x": {"type": "files"}}}, "fleet_logs.inputs.x.paths.*at least one path"),
        ({"inputs": {"x": {"paths": ["var/log"]}}}, "an absolute path"),
        ({"inputs": {"x": {"paths": ["/a"], "severity": "error"}}}, "Did you mean 'err'"),
        ({"inputs": {"x": {"paths": ["/a"], "service": "a b"}}}, "APP-NAME"),
        ({"inputs": {"X": {"paths": ["/a"]}}}, "small letters"),
        ({"inputs": {"x": {"paths": ["/a"], "multiline": {"start": "^("}}}}, "multiline.start.*compiles"),
        ({"inputs": {"x": {"type": "syslog", "transport": "relp"}}}, "fleet_logs.inputs.x.clients"),
        ({"inputs": {"x": {"type": "syslog", "transport": "unix"}}}, "fleet_logs.inputs.x.path"),
        ({"inputs": {"x": {"type": "syslog", "port": 0}}}, "a port from 1 to 65535"),
        ({"outputs": {"x": {"type": "relp", "host": "a"}}}, "name"),
        ({"outputs": {"x": {"type": "rlep", "host": "a"}}}, "Did you mean 'relp'"),
        ({"outputs": {"x": {"type": "otlp"}}}, "Set log_shipping_engine to opentelemetry-collector"),
        ({"outputs": {"x": {"type": "file", "path": "/c", "disk": "5"}}}, "fleet_logs.outputs.x.disk"),
        ({"outputs": {"x": {"type": "file", "path": "/c", "when_full": "old"}}}, "Did you mean 'oldest'"),
        ({"outputs": {"x": {"type": "kafka", "topic": "a"}}}, "brokers"),
        ({"flows": {"a": {"outputs": ["nowhere"]}}}, "fleet_logs.flows.a.outputs is 'nowhere'"),
        ({"flows": {"a": {"inputs": ["jurnal"]}}}, "Did you mean 'journal'"),
        ({"flows": {"a": {"select": {"matches": "(a"}}}}, "fleet_logs.flows.a.select.matches.*compiles"),
        ({"flows": {"a": {"select": {"matches": r"\d+"}}}}, r"Write \[0-9\] instead of"),
        ({"flows": {"a": {"select": {"fields": {"x": "y"}}}}}, "parse: json"),
        ({"flows": {"a": {"parse": "jsn"}}}, "Did you mean 'json'"),
        ({"inputs": {"second": {"type": "journal"}}}, "name the input journal"),
        (
            {"inputs": {"auth": {"type": "auth"}}, "flows": {"a": {"inputs": ["auth"], "select": {"facilities": ["kern"]}}}},
            "auth, authpriv",
        ),
        ({"inputs": {"journal": None}, "flows": {"a": {"inputs": ["journal"]}}}, "fleet_logs.flows.a.inputs is 'journal'"),
        ({"flows": {"a": {"outputs": ["log_server_ops_2"]}}}, "Did you mean 'log_server_ops_1'"),
        ({"flows": {"a": {"sample": 0}}}, "a whole number from 1"),
        ({"flows": {"a": {"redact": ["mial"]}}}, "Did you mean 'mail'"),
        ({"flows": {"a": {"redact": [{"matches": "[0-9]+"}]}}}, "lose their time"),
        ({"flows": {"a": {"redact": [{"matches": "x*"}]}}}, "does not fit the empty text"),
        ({"flows": {"a": {"inputs": ["service_shop"], "select": {"services": ["other"]}}}}, "a service of one of its inputs.*shop"),
        ({"flows": {"a": {"inputs": ["service_shop"], "select": {"severity": "err"}}}}, "a severity that its inputs have"),
        ({"flows": {"a": {"inputs": ["service_shop"], "select": {"facilities": ["kern"]}}}}, "a facility that its inputs have"),
        ({"flows": {"a": {"select": {"matches": "a"}, "drop": {"matches": "a"}}}}, "Nothing would be left"),
    ],
)
def test_what_cannot_be_is_refused_by_name(declared: Any, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        parsed(declared)


def test_without_an_output_there_is_nothing_to_do() -> None:
    with pytest.raises(BadInput, match="at least one output"):
        parsed({}, servers=[])


def test_every_problem_is_told() -> None:
    with pytest.raises(BadInput) as refused:
        parsed({"inputs": {"x": {"type": "y"}}, "outputs": {"x": {"type": "y"}}, "flows": {"a": {"inputs": ["x"], "outputs": ["z"]}}})
    assert len(str(refused.value).splitlines()) == 3
