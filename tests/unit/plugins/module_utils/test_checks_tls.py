# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health
from ansible_collections.groundwork.fleet.plugins.module_utils.checks import certificate, prometheus
from ansible_collections.groundwork.fleet.plugins.plugin_utils import authority

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


@pytest.fixture
def pki(tmp_path: Path) -> Path:
    now = datetime.now(UTC)
    for name in ("a", "b"):
        pair = authority.new_authority(name, now)
        (tmp_path / f"{name}-ca.crt").write_bytes(pair.certificate)
        leaf = authority.new_leaf(pair, authority.host_subject("web-1", [], []), 30, now)
        (tmp_path / f"{name}.crt").write_bytes(leaf.certificate)
        (tmp_path / f"{name}.key").write_bytes(leaf.key)
    return tmp_path


@pytest.mark.parametrize(
    ("key", "ca", "name", "serves"),
    [
        ("a.key", "a-ca.crt", "web-1", True),
        ("a.key", "a-ca.crt", "127.0.0.1", True),
        ("a.key", "a-ca.crt", "web-2", False),
        ("b.key", "a-ca.crt", "web-1", False),
        ("a.key", "b-ca.crt", "web-1", False),
        ("gone.key", "a-ca.crt", "web-1", False),
    ],
)
def test_a_certificate_serves_only_with_its_key_its_authority_and_its_names(pki: Path, key: str, ca: str, name: str, serves: bool) -> None:
    options = certificate.Options(certificate=str(pki / "a.crt"), key=str(pki / key), ca=str(pki / ca), name=name)
    seen = certificate.observe(options, health.Deadline(5))
    assert seen.facts["serves"] is serves
    assert seen.facts.get("days") == (29 if serves else None)
