# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_collector_plan, log_plan

from tests.unit.plugins.plugin_utils.test_log_model import ENTRIES
from tests.unit.plugins.plugin_utils.test_log_plan import SETTINGS

LOGS: dict[str, Any] = {"outputs": {"log_servers": None, "dog": {"type": "datadog", "api_key": "a$b", "disk": "1g"}}}
PROGRAM = {"program": "/usr/bin/otelcol", "mirror": "https://m"}


def planned(**settings: Any) -> dict[str, Any]:
    given = {**SETTINGS, "engine": "opentelemetry-collector", "logs": LOGS, "collector": PROGRAM, "state_directory": "/v/s", **settings}
    return log_plan.log_plan(given, ENTRIES, "text")


def test_one_process_for_all_outputs_and_one_that_tells() -> None:
    found = planned()
    units = ["groundwork-log-collector.service", "groundwork-log-keeper.service", "groundwork-log-heartbeat.timer"]
    assert list(found["units"]) == units and found["packages"] == {} and found["releases"] == {}
    assert "/etc/systemd/system/groundwork-log-drain.service" in found["files"], "for the time after it"
    assert found["folders"]["/v/s/otelcol/queue"]["owner"] == "groundwork-logs" and found["folders"]["/v"]["directory"]
    assert found["proof"][-2:] == ["prove", "30"] and found["outputs"] == ["dog"]


def test_what_rsyslog_has_still_to_send_is_left_alone() -> None:
    found = planned()
    assert not any("purge" in entry for path, entry in found["files"].items()), "its units and configurations go when all is sent"


def test_the_unit_may_read_and_nothing_else() -> None:
    unit = planned()["files"]["/etc/systemd/system/groundwork-log-collector.service"]["content"]
    assert "User=groundwork-logs\n" in unit and "\nCapabilityBoundingSet=CAP_DAC_READ_SEARCH\n" in unit
    assert "--feature-gates=stanza.synchronousLogEmitter" in unit and "EnvironmentFile=-/v/s/otelcol/bounds.env" in unit
    assert "LoadCredential=dog.api_key:/etc/groundwork/logs/secrets/dog.api_key" in unit and "LoadCredential=host.key:/tls/host.key" in unit
    assert "ExecStartPre=+/usr/local/sbin/groundwork-log-spool /etc/groundwork/logs/spool.json before-collect" in unit
    low = {**LOGS, "inputs": {"n": {"type": "syslog", "transport": "udp", "port": 514}}}
    assert "CAP_NET_BIND_SERVICE" in planned(logs=low)["files"]["/etc/systemd/system/groundwork-log-collector.service"]["content"]


def test_a_secret_stands_in_a_file_that_only_root_reads() -> None:
    found = planned()
    assert found["folders"]["/etc/groundwork/logs/secrets/dog.api_key"] == {"content": "a$$b", "mode": "0600", "secret": True}
    assert "a$" not in found["files"]["/etc/groundwork/logs/collector.json"]["content"].replace("a$$", "")
    assert found["folders"]["/etc/groundwork/logs/secrets/host.key"] == {"link": "/tls/host.key"}
    assert "/etc/groundwork/logs/secrets/dog.api_key" in found["units"]["groundwork-log-collector.service"]["restart_on"]


def test_the_configuration_is_judged_before_it_counts() -> None:
    judge, drain, last = planned()["validate"]
    assert judge.startswith(
        "env CREDENTIALS_DIRECTORY=/etc/groundwork/logs/secrets GROUNDWORK_LOG_BOUND_DOG=1048576 /usr/bin/otelcol validate"
    )
    assert judge.endswith("--config={/etc/groundwork/logs/collector.json}") and "drain.json" in drain and last.endswith("check")


def test_what_the_program_is_told() -> None:
    told = json.loads(planned()["files"]["/etc/groundwork/logs/spool.json"]["content"])
    assert told["engine"] == "opentelemetry-collector" and told["user"] == "groundwork-logs" and told["outputs"]["dog"]["bound"] == 1 << 30
    assert told["lines"] == 64 and told["rsyslog_lines"] == 2024


def test_a_release_is_fetched_from_the_mirror() -> None:
    given = {"version": "0.165.0", "sha256": {"arm64": "f" * 64}, "mirror": "https://m/"}
    path, releases = log_collector_plan.program(given, "aarch64")
    assert path == "/opt/groundwork-otelcol/current/otelcol-contrib"
    url = releases["groundwork-otelcol"]["url"]
    assert url.startswith("https://m/open-telemetry/") and url.endswith("/v0.165.0/otelcol-contrib_0.165.0_linux_arm64.tar.gz")
    own = log_collector_plan.program({**given, "url": "/c/o-{version}-{architecture}.tgz"}, "aarch64")[1]
    assert own["groundwork-otelcol"]["url"] == "/c/o-0.165.0-arm64.tgz"


@pytest.mark.parametrize("given", [{}, {"version": "1"}, {"version": "1", "sha256": {"amd64": "f"}}])
def test_without_a_checksum_nothing_is_installed(given: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match=r"log_shipping_collector.*version and sha256, or program"):
        log_collector_plan.program({**given, "mirror": "https://m"}, "aarch64")


def test_the_file_of_credentials_is_handed_over() -> None:
    bucket = {"type": "s3", "bucket": "b", "credentials_file": "/root/.aws/credentials"}
    unit = planned(logs={"outputs": {"log_servers": None, "s": bucket}})["files"]["/etc/systemd/system/groundwork-log-collector.service"]
    assert "LoadCredential=aws:/root/.aws/credentials" in unit["content"] and "AWS_SHARED_CREDENTIALS_FILE=%d/aws" in unit["content"]
