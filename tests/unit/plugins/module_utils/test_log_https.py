# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import http.client
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_https

from lab import tls

NOW = 1_767_323_040.0


class Handler(BaseHTTPRequestHandler):
    """Answers what was asked; hangs up behind an answer where it is told to, and says nothing at all to /nothing."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server: Any = self.server
        server.asked.append((self.path, self.headers.get("Proxy-Authorization"), self.client_address))
        if self.path == "/nothing":
            self.close_connection = True
            return
        text = b"x" * 70_000 if self.path == "/large" else body
        self.send_response(418 if self.path == "/refused" else 200)
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Retry-After", "7")
        self.end_headers()
        self.wfile.write(text)
        self.close_connection = self.path == "/last"

    do_GET = do_POST  # noqa: N815 - http.server calls it by this name

    def log_message(self, *_any: Any) -> None:
        """Say nothing."""


def served(context: ssl.SSLContext | None = None) -> ThreadingHTTPServer:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked = []
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server  # type: ignore[no-any-return]


@pytest.fixture(name="server")
def _server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = served()
    yield server
    server.shutdown()
    server.server_close()


def posted(server: Any, path: str, scheme: str = "http") -> log_https.Request:
    return log_https.Request("POST", "%s://127.0.0.1:%d%s" % (scheme, server.server_address[1], path), {}, b"body")


def test_a_connection_is_kept(server: Any) -> None:
    client = log_https.Client()
    assert client.ask(posted(server, "/refused?a=1")).status == 200, "the query is part of what is asked"
    answer = client.ask(posted(server, "/refused"))
    assert (answer.status, answer.text, answer.headers["retry-after"]) == (418, "body", "7")
    assert len({place for _path, _login, place in server.asked}) == 1


def test_a_connection_that_was_closed_meanwhile_is_made_anew(server: Any) -> None:
    client = log_https.Client()
    for _number in range(2):
        assert client.ask(posted(server, "/last")).status == 200
    assert len(server.asked) == 2
    assert client.ask(posted(server, "/")).status == 200
    with pytest.raises(http.client.RemoteDisconnected):
        client.ask(posted(server, "/nothing"))
    assert client.open is None and client.ask(posted(server, "/")).status == 200
    client.close()


def test_only_the_beginning_of_an_answer_is_kept(server: Any) -> None:
    client = log_https.Client()
    assert len(client.ask(posted(server, "/large")).body) == log_https.MOST
    assert client.ask(posted(server, "/")).text == "body"


def test_a_server_of_another_authority_is_refused(tmp_path: Path) -> None:
    files = tls.files(tmp_path / "one")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.certificate, files.key)
    server = served(context)
    request = posted(server, "/", "https")
    assert log_https.Client(log_https.context(str(files.ca))).ask(request).text == "body"
    for ca in (log_https.SYSTEM, str(tls.files(tmp_path / "other").ca)):
        with pytest.raises(ssl.SSLCertVerificationError):
            log_https.Client(log_https.context(ca)).ask(request)
    assert log_https.context(str(files.ca)).check_hostname
    log_https.context(str(files.ca), str(files.certificate), str(files.key))
    with pytest.raises(OSError, match="No such file"):
        log_https.context(str(tmp_path / "none"))
    server.shutdown()
    server.server_close()


def test_the_proxy_of_the_environment(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    place = "127.0.0.1:%d" % server.server_address[1]
    monkeypatch.setenv("http_proxy", f"http://who:p%40ss@{place}")
    monkeypatch.setenv("no_proxy", "near.example")
    assert log_https.Client().ask(log_https.Request("POST", "http://far.example/a?b", {}, b"x")).text == "x"
    assert server.asked[0][:2] == ("http://far.example/a?b", "Basic d2hvOnBAc3M=")
    assert log_https.proxy_for("http://near.example/") == "" and log_https.proxy_for("https://far.example/") == ""
    monkeypatch.setenv("https_proxy", place)
    with pytest.raises(OSError, match="Tunnel connection failed: 501"):
        log_https.Client().ask(log_https.Request("POST", "https://far.example/", {}, b"x"))
    assert log_https.login("h:1") == ("h:1", {})


def test_an_address_of_the_host_is_asked_past_the_proxy(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    url = "http://127.0.0.1:%d" % server.server_address[1]
    assert log_https.asked_plainly("GET", url + "/a?b", {}) == (200, "")
    assert server.asked[0][0] == "/a?b"
    with pytest.raises(OSError, match="RemoteDisconnected"):
        log_https.asked_plainly("GET", url + "/nothing", {})


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("7", 7.0), ("Fri, 02 Jan 2026 03:04:30 GMT", 30.0), ("Fri, 02 Jan 2026 03:03:00 GMT", 0.0), ("", None), ("soon", None), ("-5", None)],
)
def test_what_a_server_asks_to_wait(text: str, wanted: float | None) -> None:
    assert log_https.retry_after({"retry-after": text}, NOW) == wanted
