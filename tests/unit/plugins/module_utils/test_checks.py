# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check types against real sockets, files and processes of this machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import checks as registry
from ansible_collections.groundwork.fleet.plugins.module_utils import health, health_input, health_run

FOLDER = Path(registry.__file__).parent


def run(check_type: str, **options: Any) -> dict[str, Any]:
    """Return the result of one check, as the module would."""
    known = [path.stem for path in FOLDER.glob("*.py")]
    load = lambda name: health.load_type(name, (FOLDER / (name + ".py")).read_text())  # noqa: E731
    return health_run.run(health_input.parse({"it": {check_type: options, "timeout": 5}}, known, load, 10), 10)["it"]


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture
def closed_port(listener: socket.socket) -> int:
    port: int = listener.getsockname()[1]
    listener.close()
    return port


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        known = {"/": 200, "/moved": 301}
        self.send_response(known.get(self.path, 404))
        if self.path == "/moved":
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(b"welcome to the shop")

    def log_message(self, *_arguments: Any) -> None:
        """Stay silent."""


@pytest.fixture
def page() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield "http://127.0.0.1:%d" % server.server_port
    server.shutdown()
    server.server_close()


def test_tcp(listener: socket.socket) -> None:
    assert run("tcp", port=listener.getsockname()[1])["status"] == "ok"


def test_tcp_closed(closed_port: int) -> None:
    result = run("tcp", port=closed_port)
    assert result["status"] == "failed"
    assert "Connection refused" in result["message"]
    assert run("tcp", port=closed_port, open=False)["status"] == "ok"


def test_connection(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    assert run("connection", host="127.0.0.1", port=port)["observed"] == {"established": "false"}
    with socket.create_connection(("127.0.0.1", port)):
        assert run("connection", host="localhost", port=port)["status"] == "ok"


def test_connection_over_ipv6() -> None:
    try:
        server = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with server, socket.create_connection(("::1", server.getsockname()[1])):
        assert run("connection", host="::1", port=server.getsockname()[1])["status"] == "ok"


def test_http(page: str) -> None:
    assert run("http", url=page + "/", contains="welcome")["status"] == "ok"
    assert run("http", url=page + "/none", status=[200, 404])["status"] == "ok"


def test_http_says_what_it_observed(page: str) -> None:
    assert "expected status 200, observed 404 (Not Found)" in run("http", url=page + "/none")["message"]
    assert "observed 301 (Moved Permanently /elsewhere)" in run("http", url=page + "/moved")["message"]
    assert "containing goodbye, observed 19 characters without it" in run("http", url=page + "/", contains="goodbye")["message"]


def test_http_without_a_server(closed_port: int) -> None:
    assert "ConnectionRefusedError" in run("http", url="http://127.0.0.1:%d/" % closed_port)["message"]


def test_http_with_a_server_that_never_answers(listener: socket.socket) -> None:
    assert "timed out" in run("http", url="http://127.0.0.1:%d/" % listener.getsockname()[1], timeout="200ms")["message"]


def test_http_takes_web_addresses_only() -> None:
    assert "'ftp://host/' is no http:// or https:// address" in run("http", url="ftp://host/")["message"]


def test_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("hello world")
    path.chmod(0o640)
    assert run("file", path=str(path), mode="0640", contains="world")["status"] == "ok"
    assert run("file", path=str(path), exists=False)["status"] == "failed"
    assert "expected mode 0600, observed 0640" in run("file", path=str(path), mode="0600")["message"]
    assert "hello" not in str(run("file", path=str(path), contains="nothing"))
    assert "expected owner nobody-here, observed " in run("file", path=str(path), owner="nobody-here")["message"]


def test_file_that_is_not_there(tmp_path: Path) -> None:
    assert "expected exists true, observed false" in run("file", path=str(tmp_path / "none"), mode="0600")["message"]
    assert run("file", path=str(tmp_path / "none"), exists=False)["status"] == "ok"


def test_a_directory_has_no_content(tmp_path: Path) -> None:
    assert run("file", path=str(tmp_path), mode="0700")["status"] == "ok"
    assert "not a regular file" in run("file", path=str(tmp_path), contains="x")["message"]


def test_process(tmp_path: Path) -> None:
    program = tmp_path / ("sleeper%d" % os.getpid())
    program.symlink_to(str(shutil.which("sleep")))
    assert run("process", name=program.name)["status"] == "failed"
    with subprocess.Popen([program, "60"]) as first, subprocess.Popen([program, "60"]) as second:
        try:
            assert run("process", name=program.name, minimum=2)["status"] == "ok"
            assert "expected count at most 1, observed 2" in run("process", name=program.name, maximum=1)["message"]
        finally:
            first.kill()
            second.kill()


def _fake_systemd(folder: Path, monkeypatch: pytest.MonkeyPatch, properties: str) -> None:
    for name, text in (("systemctl", properties), ("journalctl", "the last line")):
        (folder / name).write_text("#!/bin/sh\nprintf '%%s\\n' '%s'\n" % text)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)


def test_systemd_unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fake_systemd(tmp_path, monkeypatch, "LoadState=loaded\nActiveState=active\nSubState=running\nResult=success\nUnitFileState=enabled")
    assert run("systemd_unit", name="x.service", enabled=True)["status"] == "ok"
    assert "expected enabled false, observed true" in run("systemd_unit", name="x.service", enabled=False)["message"]


def test_systemd_unit_that_failed_shows_its_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fake_systemd(tmp_path, monkeypatch, "LoadState=loaded\nActiveState=failed\nSubState=failed\nResult=exit-code\nUnitFileState=disabled")
    message = run("systemd_unit", name="x.service")["message"]
    assert "expected state active, observed failed (loaded, failed, result exit-code)" in message
    assert message.endswith("\n    the last line")
    assert run("systemd_unit", name="x.service", state=["active", "failed"])["status"] == "ok"


def test_systemd_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fake_systemd(tmp_path, monkeypatch, "System has not been booted with systemd")
    assert "observed nothing (System has not been booted with systemd)" in run("systemd_unit", name="x.service")["message"]
