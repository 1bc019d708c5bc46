# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small HTTPS server that answers what a test tells it to, for services that nobody can run here."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from lab import tls


class Request(NamedTuple):
    """What was asked: the method, the path without its query, the query, the headers and the body."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: Any
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]]


class Service:
    """A server on 127.0.0.1 with a certificate for localhost and `names`; what it was asked is in `asked`."""

    def __init__(self, directory: Path, answer: Callable[[Request], Answer], *names: str) -> None:
        service = self
        self.files = tls.files(directory, *names)
        self.asked: list[Request] = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                url = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                request = Request(self.command, unquote(url.path), parse_qs(url.query), self.headers, body)
                service.asked.append(request)
                status, document, *more = answer(request)
                content = json.dumps(document).encode()
                self.send_response(status)
                headers = {"Content-Type": "application/json", "Content-Length": str(len(content)), **(more[0] if more else {})}
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815  # names of the base class

            def log_message(self, *_what: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.files.certificate, self.files.key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = int(self.server.server_address[1])

    def __enter__(self) -> Service:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_what: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def times(self, part: str) -> int:
        """Return how often a path with `part` in it was asked for."""
        return sum(part in one.path for one in self.asked)
