# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_protocols
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_sender_plan, log_types

from tests.unit.plugins.plugin_utils.log_engines.test_rsyslog import SETTING, rendered
from tests.unit.plugins.plugin_utils.test_log_model import ENTRIES, parsed
from tests.unit.plugins.plugin_utils.test_log_plan import planned

CLOUD = {"type": "cloudwatch", "region": "eu-central-1", "group": "g", "stream": "s", "credentials_file": "/root/.aws/credentials"}
LOKI = {"type": "loki", "url": "https://loki:3100", "authorization": "Bearer S3CRET"}
DOG = {"type": "datadog", "api_key": "k3y"}
ARCHIVE = {"type": "s3", "bucket": "b"}
OUTPUTS = {"cloud": CLOUD, "loki": LOKI, "dog": DOG, "archive": ARCHIVE}


def output(options: Any) -> log_types.Output:
    return parsed({"outputs": {"x": options}}).outputs["x"]


def told(options: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(log_sender_plan.configuration(output(options), SETTING))
    return found


def test_every_entry_names_a_protocol_that_there_is() -> None:
    senders = {name: entry["sender"] for name, entry in ENTRIES.items() if "sender" in entry}
    assert set(senders) == {"cloudwatch", "s3", "loki", "datadog"}
    assert all(sender["protocol"] in log_protocols.PROTOCOLS for sender in senders.values())
    assert all("rsyslog" in ENTRIES[name]["engines"] and "module" not in ENTRIES[name] for name in senders)


def test_what_the_sender_is_told() -> None:
    found = told(LOKI)
    assert found["protocol"] == "loki" and found["folder"] == "/s/x" and found["host"] == "web-1" and found["labels"] == ["environment"]
    assert found["parameters"] == {"url": "https://loki:3100/loki/api/v1/push", "authorization": "Bearer S3CRET"}
    assert found["tls"] == {"ca": "/tls/ca.crt", "certificate": "/tls/host.crt", "key": "/tls/host.key"}
    assert told({**LOKI, "ca": "system", "client_certificate": False})["tls"] == {"ca": "system", "certificate": "", "key": ""}
    assert told(CLOUD)["tls"]["ca"] == told(DOG)["tls"]["ca"] == "system" and told(CLOUD)["credentials"]
    assert told(ARCHIVE)["parameters"] == {"region": "us-east-1", "bucket": "b", "prefix": "logs", "path_style": False, "interval": 60}


def test_what_it_reads_when_it_starts() -> None:
    program = log_sender_plan.PROGRAM
    assert list(log_sender_plan.read(output(LOKI), SETTING)) == [program, "/tls/ca.crt", "/tls/host.crt", "/tls/host.key"]
    assert list(log_sender_plan.read(output(CLOUD), SETTING)) == [program, "/root/.aws/credentials"]
    assert list(log_sender_plan.read(output(DOG), SETTING)) == [program]


def test_the_unit_has_no_rights_and_no_secret() -> None:
    service = log_sender_plan.unit(output(CLOUD), SETTING, "/etc/x.conf")["Service"]
    assert service["ExecStart"] == "/usr/local/sbin/groundwork-log-send /etc/x.conf" and service["Type"] == "notify"
    assert service["LoadCredential=aws"] == "/root/.aws/credentials" and service["ReadWritePaths"] == "/s/x"
    assert service["CapabilityBoundingSet"] == "" and service["ProtectSystem"] == "strict" and service["MemoryMax"] == "256M"


def test_the_plan_of_a_host() -> None:
    found = planned(logs={"outputs": OUTPUTS})
    files, units = found["files"], found["units"]
    assert "def main(words" in files[log_sender_plan.PROGRAM]["content"] and files[log_sender_plan.PROGRAM]["mode"] == "0755"
    for name in OUTPUTS:
        path, unit = f"/etc/groundwork/logs/send-{name}.conf", f"groundwork-log-sender-{name}.service"
        assert files[path]["mode"] == "0600" and files[path]["secret"] is True and path in units[unit]["restart_on"]
        assert "StartLimitIntervalSec=0" in files[f"/etc/systemd/system/{unit}"]["content"]
        assert log_sender_plan.judge(path) in found["validate"] and "rsyslogd -N1 -f {%s}" % path not in found["validate"]
    assert "/tls/host.key" in units["groundwork-log-sender-loki.service"]["restart_on"]
    spool = json.loads(files["/etc/groundwork/logs/spool.json"]["content"])
    assert spool["outputs"]["cloud"]["lines"] == 0 and spool["outputs"]["log_server_ops_1"]["lines"] > 0
    exposed = [path for path, one in files.items() if "S3CRET" in str(one.get("content")) or "k3y" in str(one.get("content"))]
    assert exposed == ["/etc/groundwork/logs/send-loki.conf", "/etc/groundwork/logs/send-dog.conf"]
    assert planned()["files"][log_sender_plan.PROGRAM] == {"absent": True} and planned()["proof"] == []


def test_the_run_proves_that_lines_are_taken() -> None:
    found = planned(logs={"outputs": OUTPUTS})
    assert found["proof"] == ["/usr/local/sbin/groundwork-log-spool", "/etc/groundwork/logs/spool.json", "prove", "30"]
    spool = json.loads(found["files"]["/etc/groundwork/logs/spool.json"]["content"])
    proven = {name for name, one in spool["outputs"].items() if one["proves"]}
    assert proven == {"cloud", "loki", "dog"}, "an object of S3 may take longer than the run"
    assert planned(logs={"outputs": {"archive": ARCHIVE, "log_servers": None}})["proof"] == []
    assert planned(logs={"outputs": {"archive": {**ARCHIVE, "interval": 5}, "log_servers": None}})["proof"]


def test_their_segments_are_lines_of_json() -> None:
    collect = rendered({"outputs": OUTPUTS}).texts["/etc/groundwork/logs/collect.conf"]
    for name in OUTPUTS:
        assert 'template(name="line_%s" type="list") {\n  constant(value="{") property(outname="@timestamp"' % name in collect


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"type": "datadog"}, "api_key is not set"),
        ({**DOG, "url": "http://plain"}, "an address such as https"),
        ({**CLOUD, "region": "Frankfurt"}, "a region such as"),
        ({**LOKI, "tennant": "t"}, "Did you mean 'tenant'"),
    ],
)
def test_what_is_wrong_is_refused_by_name(options: Any, said: str) -> None:
    with pytest.raises(BadInput, match=said) as error:
        output(options)
    assert "S3CRET" not in str(error.value) and "k3y" not in str(error.value)
