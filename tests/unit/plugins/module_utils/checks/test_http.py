# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

Run = Callable[..., dict[str, Any]]


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


def test_http(run: Run, page: str) -> None:
    assert run("http", url=page + "/", contains="welcome")["status"] == "ok"
    assert run("http", url=page + "/none", status=[200, 404])["status"] == "ok"


def test_http_says_what_it_observed(run: Run, page: str) -> None:
    assert "expected status 200, observed 404 (Not Found)" in run("http", url=page + "/none")["message"]
    assert "observed 301 (Moved Permanently /elsewhere)" in run("http", url=page + "/moved")["message"]
    assert "containing goodbye, observed 19 characters without it" in run("http", url=page + "/", contains="goodbye")["message"]


def test_http_without_a_server(run: Run, closed_port: int) -> None:
    assert "ConnectionRefusedError" in run("http", url="http://127.0.0.1:%d/" % closed_port)["message"]


def test_http_with_a_server_that_never_answers(run: Run, listener: socket.socket) -> None:
    assert "timed out" in run("http", url="http://127.0.0.1:%d/" % listener.getsockname()[1], timeout="200ms")["message"]


@pytest.mark.parametrize("url", ["ftp://user:hidden@host/", "host/page", "http:///page", "file:///etc/passwd"])
def test_http_takes_web_addresses_only(run: Run, url: str) -> None:
    with pytest.raises(ValueError, match="expected an address that begins with http:// or https://") as error:
        run("http", url=url)
    assert "hidden" not in str(error.value)


def test_a_failure_quotes_the_journal_of_the_unit(run: Run, page: str, fake_program: Callable[[str, str], None]) -> None:
    fake_program("journalctl", "err=unable to read CA cert")
    for given in ({"url": page, "contains": "nothing of it"}, {"url": "http://127.0.0.1:1/"}):
        assert "unable to read CA cert" in str(run("http", unit="shop.service", **given))
        assert "unable to read CA cert" not in str(run("http", **given))
    assert "CA cert" not in str(run("http", url=page, unit="shop.service"))
