# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_keeper, log_truncation, processes
from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_forward
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines import rsyslog

from tests.unit.plugins.plugin_utils.test_log_server_plan import SETTINGS

STATE, UNITS = "/s/forward", "/etc/systemd/system"
SERVERS = [{"host": "192.0.2.1", "port": 2514, "name": "ops-2"}, {"host": "ops", "port": 2515, "name": "a*b"}]


def planned(**settings: Any) -> dict[str, Any]:
    return log_forward.plan({**SETTINGS, "forward_to": SERVERS, **settings}, STATE, "#!python\n")


def test_each_server_has_a_sender_that_reads_segments() -> None:
    found = planned()
    assert found["segments"] == {"ops-2": "/s/forward/ops-2/segments", "a_b": "/s/forward/a_b/segments"}
    assert {f"/s/forward/a_b{part}" for part in ("", "/segments", "/state")} < set(found["folders"])
    conf = found["files"]["/etc/groundwork/log-forward/a_b.conf"]["content"]
    assert 'file="/s/forward/a_b/segments/*.log"' in conf and 'target="ops" port="2515"' in conf
    assert 'tls.permittedPeer=["a*b"]' in conf and 'tls.caCert="/etc/groundwork/tls/ca.crt"' in conf
    assert 'maxMessageSize="66560"' in conf, "a line has a head more than the message that came"
    unit = found["files"][f"{UNITS}/groundwork-log-forward-a_b.service"]["content"]
    assert (
        "Wants=groundwork-log-forward-ops-2.service groundwork-log-forward-a_b.service"
        in found["files"][f"{UNITS}/{log_forward.KEEPER}"]["content"]
    )
    assert (
        "before-send a_b" in unit
        and "[Install]" not in unit
        and "PartOf=groundwork-log-forwarding.service" in unit
        and "StartLimitIntervalSec=0" in unit
    )
    assert "/etc/groundwork/tls/host.crt" in found["units"]["groundwork-log-forward-a_b.service"]["restart_on"]
    assert found["validate"][1] == "rsyslogd -N1 -f {/etc/groundwork/log-forward/a_b.conf}" and not found["gone"]


def test_the_keeper_bounds_what_waits_and_stops_only_what_forwards() -> None:
    told = json.loads(planned(forward_disk="2g")["files"][log_forward.CONFIGURATION]["content"])
    assert told["senders"] == "groundwork-log-forward-" and told["state"] == STATE and set(told["outputs"]) == {"ops-2", "a_b"}
    one = told["outputs"]["a_b"]
    assert (one["bound"], one["policy"], one["lines"], one["port"]) == (2 << 30, "newest", 2 * rsyslog.SENT_AGAIN, 2515)
    assert not log_forward.KEEPER.startswith(log_forward.SENDER), "it would stop itself"


def test_the_keeper_understands_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "answer", lambda *_command: (1, ""))
    monkeypatch.setattr(log_truncation, "SECONDS", 100)  # one look
    told = json.loads(
        log_forward.plan({**SETTINGS, "forward_to": SERVERS, "forward_disk": "1k"}, str(tmp_path), "")["files"][log_forward.CONFIGURATION][
            "content"
        ]
    )
    (tmp_path / "a_b" / "state").mkdir(parents=True)
    (tmp_path / "a_b" / "segments").mkdir()
    for number in range(3):
        (tmp_path / "a_b" / "segments" / f"17956910{number}.log").write_text("line\n" * 500)
    log_keeper.keep(told, 1)
    assert json.loads((tmp_path / "a_b" / "counts.json").read_text()) == {"dropped": 500}, "the two that were written last may be open"


def test_what_is_no_longer_declared_goes() -> None:
    found = planned(forward_to=[])
    assert found["gone"] == {"groundwork-log-forwarding.service": {"state": "stopped", "enabled": False}} and not found["units"]
    assert found["files"]["/etc/groundwork/log-forward"] == {"absent": True}
    assert found["files"][UNITS] == {"directory": True, "purge": "groundwork-log-forward-*.service"}
    assert planned()["files"][UNITS] == found["files"][UNITS]
