# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_plan

from tests.unit.plugins.plugin_utils.test_log_model import ENTRIES, SERVERS, SERVICES

SETTINGS: dict[str, Any] = {
    "engine": "rsyslog",
    "state_directory": "/s",
    "logs": {"outputs": {"copy": {"type": "file", "path": "/c", "disk": "1g"}}},
    "services": SERVICES,
    "servers": SERVERS,
    "name": "web-1",
    "labels": {"environment": "test"},
    "textfile_directory": "/t",
    "proof_timeout": 30,
    "fleet": {"tls_directory": "/tls"},
}


FIRST = {"servers": "first_available"}


def planned(**settings: Any) -> dict[str, Any]:
    return log_plan.log_plan({**SETTINGS, **settings}, ENTRIES, "text")


def test_a_process_for_each_output_and_one_that_collects() -> None:
    found = planned()
    names = ["collector", "sender-log_server_ops_1", "sender-copy", "keeper"]
    assert list(found["units"]) == [*(f"groundwork-log-{name}.service" for name in names), "groundwork-log-heartbeat.timer"]
    assert found["outputs"] == ["log_server_ops_1", "copy"]
    assert all(f"/etc/systemd/system/{unit}" in found["files"] for unit in found["units"])
    assert found["folders"]["/s/copy/segments"] == {"directory": True, "mode": "0700"}


def test_a_line_a_minute_says_that_lines_arrive() -> None:
    found = planned()
    service = found["files"]["/etc/systemd/system/groundwork-log-heartbeat.service"]["content"]
    assert "ExecStart=/usr/bin/logger --tag groundwork-heartbeat beat\n" in service and "[Install]" not in service
    assert "OnCalendar=minutely" in found["files"]["/etc/systemd/system/groundwork-log-heartbeat.timer"]["content"]
    assert not any("heartbeat" in name for name in found["effect"])


def test_a_new_certificate_restarts_who_shows_it() -> None:
    units = planned()["units"]
    assert "/tls/host.crt" in units["groundwork-log-sender-log_server_ops_1.service"]["restart_on"]
    assert "/tls/host.crt" not in units["groundwork-log-sender-copy.service"]["restart_on"]
    assert "/tls/host.crt" not in units["groundwork-log-collector.service"]["restart_on"]


def test_what_the_program_is_told() -> None:
    told = json.loads(planned()["files"]["/etc/groundwork/logs/spool.json"]["content"])
    assert told["textfile"] == "/t/groundwork_logs.prom" and told["inputs"] == {"service_shop": ["/var/log/shop/*.log"]}
    assert told["outputs"]["copy"]["bound"] == 1 << 30 and told["outputs"]["copy"]["port"] == 0
    assert told["outputs"]["log_server_ops_1"]["address"] == "192.0.2.9" and told["outputs"]["log_server_ops_1"]["bound"] == 0
    assert json.loads(planned(textfile_directory="")["files"]["/etc/groundwork/logs/spool.json"]["content"])["textfile"] == ""


def test_every_file_is_judged_before_it_counts() -> None:
    found = planned()
    assert "rsyslogd -N1 -f {/etc/groundwork/logs/collect.conf}" in found["validate"]
    assert found["validate"][-1] == "python3 -I {/usr/local/sbin/groundwork-log-spool} {/etc/groundwork/logs/spool.json} check"


def test_files_of_a_service_that_no_package_rotates_are_rotated() -> None:
    path = "/etc/logrotate.d/groundwork-logs"
    plain = planned()
    assert plain["files"][path] == {"absent": True} and "logrotate" not in plain["packages"]
    found = planned(services=[{"service": "till", "files": ["/var/log/till.log"], "rotate": {"truncate": True}}])
    assert '"/var/log/till.log" {' in found["files"][path]["content"] and "logrotate" in found["packages"]
    assert "logrotate --debug {%s}" % path in found["validate"]


def test_what_does_not_come_up_decides_and_a_destination_does_not() -> None:
    found = planned()
    assert set(found["effect"]) == {name.removesuffix(".service") for name in found["units"] if name.endswith(".service")}
    assert all(check["systemd_unit"]["enabled"] and check["stable_for"] for check in found["effect"].values())
    assert not any("systemd_unit" in check for check in found["checks"].values())


def test_the_connection_is_proven() -> None:
    checks = planned()["checks"]
    assert checks["connection to ops-1"]["connection"] == {"host": "192.0.2.9", "port": 2514}
    assert "connection to copy" not in checks


def test_servers_to_turn_to_are_judged_proven_and_told() -> None:
    found = planned(servers=[*SERVERS, {"host": "192.0.2.10", "port": 2515, "name": "ops-2"}], logs={"outputs": {"log_servers": FIRST}})
    assert found["checks"]["connection to ops-1 or ops-2"]["connection"] == {
        "host": "192.0.2.9",
        "port": 2514,
        "others": ["192.0.2.10:2515"],
    }
    paths = [f"/etc/groundwork/logs/send-log_servers-{number}.conf" for number in (1, 2)]
    assert [f"rsyslogd -N1 -f {{{path}}}" in found["validate"] for path in paths] == [True, True]
    unit = "groundwork-log-sender-log_servers.service"
    assert set(paths) < set(found["units"][unit]["restart_on"])
    assert "-f /s/log_servers/send.conf" in found["files"][f"/etc/systemd/system/{unit}"]["content"]
    told = json.loads(found["files"]["/etc/groundwork/logs/spool.json"]["content"])
    assert told["tls_directory"] == "/tls" and [one["configuration"] for one in told["outputs"]["log_servers"]["servers"]] == paths
    assert found["servers"][-1] == "servers" and planned()["servers"] == []


def test_a_secret_may_stand_in_what_a_sender_reads() -> None:
    files = planned()["files"]
    assert files["/etc/groundwork/logs/send-copy.conf"]["secret"] is True and files["/etc/groundwork/logs/send-copy.conf"]["mode"] == "0600"


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(BadInput, match="log_shipping_engine is 'fluentd'"):
        planned(engine="fluentd")
