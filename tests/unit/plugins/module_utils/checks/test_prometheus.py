# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health
from ansible_collections.groundwork.fleet.plugins.module_utils.checks import prometheus

ANSWERS: dict[str, Any] = {
    "up": {
        "status": "success",
        "data": {"result": [{"metric": {"job": "a"}, "value": [0, "1"]}, {"metric": {"job": "b"}, "value": [0, "0"]}]},
    },
    "none": {"status": "success", "data": {"result": []}},
    "bad": {"status": "error", "error": "parse error"},
}


class Prometheus(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        name = self.path.rpartition("query=")[2]
        body = json.dumps(ANSWERS[name]).encode() if name in ANSWERS else b"no json"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    found = HTTPServer(("127.0.0.1", 0), Prometheus)
    threading.Thread(target=found.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{found.server_port}"
    found.shutdown()
    found.server_close()


def ask(server: str, query: str) -> health.Observation:
    return prometheus.observe(prometheus.Options(url=server, query=query), health.Deadline(5))


def test_series_are_counted_and_the_lowest_is_named(server: str) -> None:
    seen = ask(server, "up")
    assert seen.facts == {"series": 2, "lowest": 0.0, "highest": 1.0} and seen.note == "lowest: job=b"


def test_no_series_an_error_and_nonsense_are_told(server: str) -> None:
    assert ask(server, "none").facts == {"series": 0}
    assert ask(server, "bad").note == "parse error"
    assert "JSONDecodeError" in ask(server, "junk").note


def test_a_server_that_is_not_there_is_told() -> None:
    assert "refused" in ask("http://127.0.0.1:1", "up").note
