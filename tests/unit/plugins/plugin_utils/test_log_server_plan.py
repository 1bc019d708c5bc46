# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_server_plan as plan

SETTINGS: dict[str, Any] = {
    "state": "present", "clients": ["web-*"], "relp_port": 2514, "port": 6514, "address": "", "directory": "/srv/logs", "keep_days": 30,
    "keep_size": "80%", "close_every": "daily", "file_size": "256m", "reserve": "3%", "message_size": "64k", "sync": False,
    "forward_to": [], "forward_disk": "1g", "textfile_directory": "", "platform": {"group": "adm"},
    "fleet": {"tls_directory": "/etc/groundwork/tls"},
}  # fmt: skip
UNITS = "/etc/systemd/system"


def planned(**settings: Any) -> dict[str, Any]:
    return plan.log_server_plan({**SETTINGS, **settings}, "#!python\n")


def test_the_receiver_waits_for_room_and_may_write_only_the_logs() -> None:
    text = planned()["files"][f"{UNITS}/groundwork-log-server.service"]["content"]
    assert "ExecStartPre=/usr/local/sbin/groundwork-logs space\n" in text and "StartLimitIntervalSec=0" in text
    assert "ReadWritePaths=-/srv/logs -/var/lib/groundwork-log-server\n" in text and "ProtectSystem=strict" in text


def test_the_program_is_told_what_the_role_was_told() -> None:
    told = json.loads(planned()["files"][plan.SETTINGS]["content"])
    assert (told["directory"], told["reserve"], told["clients"]) == ("/srv/logs", "3%", ["web-*"])
    assert told["tls"]["key"] == "/etc/groundwork/tls/host.key" and told["unit"] == "groundwork-log-server.service"


def test_a_new_certificate_restarts_the_receiver() -> None:
    assert "/etc/groundwork/tls/host.crt" in planned()["units"][plan.RECEIVER]["restart_on"]


def test_metrics_are_told_only_to_who_reads_them() -> None:
    assert "groundwork-logs.timer" not in planned()["units"] and planned()["gone"]
    found = planned(textfile_directory="/var/lib/metrics")
    assert found["units"]["groundwork-logs.timer"]["state"] == "started" and "groundwork-logs.timer" not in found["gone"]


def test_removal_stops_what_was_started() -> None:
    found = planned(textfile_directory="/var/lib/metrics")
    running = {name for name, unit in found["units"].items() if unit["state"] == "started"} - {"rsyslog.service"}
    assert running <= set(found["removal"]["units"])
    assert all(unit["state"] == "stopped" for unit in found["removal"]["units"].values())


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"keep_size": "all"}, "log_server_keep_size is 'all'; expected a size such as 512m or 2g or a share"),
        ({"file_size": "5%"}, "log_server_file_size is '5%'"),
        ({"reserve": "0"}, "log_server_reserve is '0'; expected more than nothing"),
        ({"keep_days": 0}, "log_server_keep_days is 0"),
        ({"port": 2514}, "log_server_relp_port is 2514; expected another port"),
        ({"port": 70000}, "log_server_port is 70000"),
        ({"clients": ['a"b']}, "log_server_clients is"),
        ({"forward_to": [{"host": "192.0.2.1", "port": 2514, "name": "a b"}]}, "log_server_forward_to.name is 'a b'"),
    ],
)
def test_what_cannot_work_is_refused_by_name(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput) as refused:
        planned(**settings)
    assert str(refused.value).startswith(said)
    assert planned(**settings, state="absent")["removal"]


def test_what_is_forwarded_is_told_of() -> None:
    found = planned(forward_to=[{"host": "192.0.2.1", "port": 2514, "name": "ops-2"}])
    told = json.loads(found["files"][plan.SETTINGS]["content"])
    assert told["forward"] == {"state": "/var/lib/groundwork-log-server/forward", "servers": {"ops-2": "ops-2"}}
    assert "forward" not in json.loads(planned()["files"][plan.SETTINGS]["content"])


def test_removal_stops_what_forwards() -> None:
    found = planned(forward_to=[{"host": "192.0.2.1", "port": 2514, "name": "ops-2"}], state="absent")
    assert "groundwork-log-forwarding.service" in found["removal"]["units"], "its parts stop with it"
    assert UNITS not in found["files"], "the directory of the units is not the role's to remove"
    purged = found["removal"]["purged"]
    assert purged[UNITS]["purge"] == "groundwork-log-forward-*.service" and purged["/etc/groundwork/log-forward"] == {"absent": True}
