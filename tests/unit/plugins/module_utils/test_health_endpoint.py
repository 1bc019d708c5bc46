# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoint answers from a report, to whom shows a certificate, and a client that hangs holds up nobody."""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health_endpoint
from ansible_collections.groundwork.fleet.plugins.plugin_utils import authority, revocation

NOW = 1_000_000.0


def report(**statuses: str) -> dict[str, Any]:
    checks = {name: {"status": status} for name, status in statuses.items()}
    worst = "failed" if "failed" in statuses.values() else "warning" if "warning" in statuses.values() else "ok"
    return {"time": NOW, "status": worst, "summary": "so it is", "checks": checks}


@pytest.mark.parametrize(
    ("found", "healthz", "readyz"),
    [
        (report(ssh="ok"), 200, 200),
        (report(ssh="ok", disk="warning"), 200, 200),
        (report(ssh="failed"), 503, 503),
        ({**report(ssh="warning"), "checks": {"ssh": {"status": "warning", "excused": "maintenance: disk"}}}, 200, 503),
        ({**report(), "status": "melted"}, 503, 503),
        (None, 503, 503),
        ({}, 503, 503),
    ],
)
def test_what_counts_as_healthy_and_as_ready(found: dict[str, Any] | None, healthz: int, readyz: int) -> None:
    assert health_endpoint.judged("/healthz", found, NOW + 1, 300).code == healthz
    assert health_endpoint.judged("/readyz", found, NOW + 1, 300).code == readyz


def test_the_body_names_what_failed_and_no_reason() -> None:
    found = report(ssh="failed", page="ok")
    found["checks"]["ssh"]["message"] = "with a password in it"
    assert health_endpoint.judged("/healthz", found, NOW + 2.5, 300).body == {
        "status": "failed",
        "summary": "so it is",
        "failed": ["ssh"],
        "excused": [],
        "age": 2.5,
    }


def test_an_old_report_tells_nothing() -> None:
    assert health_endpoint.judged("/healthz", report(ssh="ok"), NOW + 300, 300).code == 200
    answer = health_endpoint.judged("/healthz", report(ssh="ok"), NOW + 301, 300)
    assert (answer.code, answer.body["summary"]) == (503, "the last report is 301 s old, expected at most 300 s")


def test_no_other_path() -> None:
    assert health_endpoint.judged("/", report(), NOW, 300).code == 404


@pytest.mark.parametrize("content", [None, "", "[]", "{"])
def test_a_file_that_is_no_report(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "health.json"
    if content is not None:
        path.write_text(content)
    assert health_endpoint.last_report(str(path)) is None


@pytest.fixture
def pki(tmp_path: Path) -> Path:
    """Return a folder with an authority's certificate and a pair that it signed."""
    now = datetime.now(UTC)
    root = authority.new_authority("test", now)
    leaf = authority.new_leaf(root, authority.host_subject("web-1", [], []), 30, now)
    for name, content in (("ca.crt", root.certificate), ("host.crt", leaf.certificate), ("host.key", leaf.key)):
        (tmp_path / name).write_bytes(content)
    return tmp_path


@contextmanager
def served(folder: Path, tls: bool, seconds: float = 10) -> Iterator[int]:
    """Serve a report that says that all is well and give the port."""
    path = folder / "health.json"
    path.write_text(json.dumps({**report(ssh="ok"), "time": time.time()}))
    listening = socket.create_server(("127.0.0.1", 0))
    context = health_endpoint.tls_context(str(folder)) if tls else None
    endpoint = health_endpoint.Endpoint(listening, str(path), 300, context)
    thread = threading.Thread(target=health_endpoint.serve, args=(endpoint, seconds, seconds), daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    listening.close()


def asked(port: int, path: str = "/healthz", context: ssl.SSLContext | None = None, method: str = "GET") -> tuple[int, bytes]:
    arguments: dict[str, Any] = {"timeout": 5}
    connection: http.client.HTTPConnection = (
        http.client.HTTPSConnection("127.0.0.1", port, context=context, **arguments)
        if context
        else http.client.HTTPConnection("127.0.0.1", port, **arguments)
    )
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def client(folder: Path, certificate: bool) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(folder / "ca.crt"))
    if certificate:
        context.load_cert_chain(str(folder / "host.crt"), str(folder / "host.key"))
    return context


def test_it_answers_over_mutual_tls(pki: Path) -> None:
    with served(pki, tls=True) as port:
        code, body = asked(port, context=client(pki, certificate=True))
        assert (code, json.loads(body)["status"]) == (200, "ok")
        assert asked(port, "/nowhere", client(pki, certificate=True))[0] == 404


@pytest.mark.parametrize(("revoked", "taken"), [(True, False), (False, True), (None, True)])
def test_a_client_that_is_revoked_is_refused(tmp_path: Path, revoked: bool | None, taken: bool) -> None:
    now = datetime.now(UTC)
    root = authority.new_authority("root", now)
    below = authority.new_authority("below", now, 30, 0, root)
    leaf = authority.new_leaf(below, authority.host_subject("web-1", [], []), 9, now)
    serial = int(authority.metadata(leaf.certificate)["serial"], 16)
    lists = [
        revocation.new_revocation_list(one, {serial: now} if revoked and one is below else {}, now + timedelta(9), now)
        for one in (below, root)
    ]
    files = {"ca.crt": root.certificate, "host.crt": leaf.certificate + below.certificate, "host.key": leaf.key}
    files["crl.pem"] = b"none" if revoked is None else b"".join(lists)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with served(tmp_path, tls=True) as port:
        if taken:
            assert asked(port, context=client(tmp_path, certificate=True))[0] == 200
        else:
            with pytest.raises(OSError, match=r"revoked|reset|closed"):
                asked(port, context=client(tmp_path, certificate=True))


@pytest.mark.parametrize(
    "ask",
    [
        lambda port, folder: asked(port, context=client(folder, certificate=False)),
        lambda port, folder: asked(port),
    ],
    ids=["without a certificate", "without TLS"],
)
def test_it_answers_to_nobody_else(pki: Path, ask: Callable[[int, Path], Any]) -> None:
    with served(pki, tls=True) as port:
        with pytest.raises((OSError, http.client.HTTPException)):
            ask(port, pki)
        assert asked(port, context=client(pki, certificate=True))[0] == 200


def test_head_and_other_methods(tmp_path: Path) -> None:
    with served(tmp_path, tls=False) as port:
        assert asked(port, method="HEAD") == (200, b"")
        assert asked(port, method="POST")[0] == 501


def test_clients_that_say_nothing_hold_up_nobody(pki: Path) -> None:
    with served(pki, tls=True) as port:
        silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(8)]
        started = time.monotonic()
        assert asked(port, context=client(pki, certificate=True))[0] == 200
        assert time.monotonic() - started < 3
        for one in silent:
            one.close()


def test_too_many_connections_are_closed_and_not_kept(tmp_path: Path) -> None:
    with served(tmp_path, tls=False) as port:
        silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(health_endpoint.CONNECTIONS_AT_ONCE)]
        time.sleep(0.3)
        with socket.create_connection(("127.0.0.1", port)) as more:
            more.settimeout(3)
            assert more.recv(1) == b""
        for one in silent:
            one.close()


def test_it_ends_when_nobody_asks(tmp_path: Path) -> None:
    endpoint = health_endpoint.Endpoint(socket.create_server(("127.0.0.1", 0)), str(tmp_path / "none"), 300, None)
    started = time.monotonic()
    health_endpoint.serve(endpoint, idle=0.2, life=60)
    assert 0.1 < time.monotonic() - started < 5


def test_the_program_as_it_is_installed(tmp_path: Path) -> None:
    """It runs alone, with nothing but the standard library and systemd's socket."""
    path = tmp_path / "health.json"
    path.write_text(json.dumps({**report(ssh="ok"), "time": time.time()}))
    listening = socket.create_server(("127.0.0.1", 0))
    command = [sys.executable, "-I", health_endpoint.__file__, "--report", str(path), "--idle", "1"]

    def hand_over() -> None:
        os.dup2(listening.fileno(), health_endpoint.FIRST_SOCKET)
        os.environ["LISTEN_FDS"] = "1"

    environment = {**os.environ, "LISTEN_FDS": "1"}
    with subprocess.Popen(command, preexec_fn=hand_over, pass_fds=[3], env=environment, close_fds=True) as program:
        assert asked(listening.getsockname()[1])[0] == 200
        assert program.wait(10) == 0


def test_without_a_socket_it_says_how_it_is_started(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LISTEN_FDS", raising=False)
    with pytest.raises(SystemExit):
        health_endpoint.main([])
    assert "groundwork-health-endpoint.socket" in capsys.readouterr().err
