# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_canaries

from .log_server_files import DAY, NOW, Server, line, server, tls  # noqa: F401  # fixtures


def test_canaries_of_one_run_are_found_by_their_texts(server: Server) -> None:  # noqa: F811
    server.write(
        "web-1", "groundwork-canary", line(NOW - 10, "web-1", "groundwork-canary", "first", NOW), line(NOW, "web-1", "x", "second")
    )
    found = log_canaries.arrived(str(server.folder), {"web-1": "first", "web-2": "x"})
    assert list(found) == ["web-1"] and found["web-1"].latency == pytest.approx(10, abs=0.001)


def test_the_newest_canary_counts_also_of_a_file_that_is_being_closed(server: Server) -> None:  # noqa: F811
    path = server.write("web-1", "groundwork-heartbeat", line(NOW - 60, "web-1", "groundwork-heartbeat", "first", NOW - 59))
    path.rename(path.with_name("groundwork-heartbeat.log.closing"))
    found = log_canaries.last(str(server.folder), "web-1")
    assert found and found.text == "first" and found.latency == pytest.approx(1, abs=0.001)
    server.write("web-1", "groundwork-heartbeat", line(NOW, "web-1", "groundwork-heartbeat", "second", NOW - 0.5))
    found = log_canaries.last(str(server.folder), "web-1")
    assert found and found.text == "second" and found.latency == 0  # the clock of the server is behind


def test_a_host_without_a_canary_has_none(server: Server) -> None:  # noqa: F811
    server.write("web-1", "nginx", line(NOW, "web-1", "nginx", "x"))
    server.write("web-1", "groundwork-heartbeat", b"no line of ours\n")
    assert log_canaries.last(str(server.folder), "web-1") is None
    assert "canary" not in log_canaries.to_textfile(server.settings, NOW)


def test_what_is_forwarded_is_told(server: Server, tmp_path: Path) -> None:  # noqa: F811
    for name in ("segments", "state"):
        (tmp_path / "ops-2" / name).mkdir(parents=True)
    (tmp_path / "ops-2" / "segments" / "179569100.log").write_text("waiting\n")
    (tmp_path / "ops-2" / "counts.json").write_text('{"dropped": 3}')
    settings = {**server.settings, "forward": {"state": str(tmp_path), "servers": {"ops-2": "ops-2", "ops 3": "ops_3"}}}
    text = log_canaries.to_textfile(settings, NOW)
    assert 'groundwork_log_server_forward_waiting_bytes{to="ops-2"} 8\n' in text
    assert 'groundwork_log_server_forward_dropped_lines_total{to="ops-2"} 3\n' in text
    assert 'groundwork_log_server_forward_dropped_lines_total{to="ops 3"} 0\n' in text
    assert "# TYPE groundwork_log_server_forward_dropped_lines_total counter\n" in text
    assert "forward" not in log_canaries.to_textfile(server.settings, NOW)
