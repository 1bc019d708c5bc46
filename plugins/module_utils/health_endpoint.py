# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers /healthz and /readyz from the last report of `groundwork-health`: the program behind the role health's socket.

It stands alone, because its text is installed as a program. systemd opens the port and starts it with the first request; it
ends when nobody asks any more, and from time to time anyhow, so that it takes up a renewed certificate. It runs no check.
"""

from __future__ import annotations

import argparse
import contextlib
import http.server
import json
import os
import socket
import socketserver
import ssl
import sys
import threading
import time
from typing import Any, Dict, NamedTuple, Optional, Sequence, Tuple

FIRST_SOCKET = 3  # where systemd puts the first socket that it hands over
REVOKED, LIST = "crl.pem", "BEGIN X509 CRL"
SECONDS_FOR_A_REQUEST = 5.0
CONNECTIONS_AT_ONCE = 32
LONGEST_REPORT = 16 * 1024 * 1024  # bytes


class Answer(NamedTuple):
    """A status of HTTP and what the body says."""

    code: int
    body: Dict[str, Any]


def judged(path: str, report: Optional[Dict[str, Any]], now: float, oldest: float) -> Answer:
    """Return the answer to a request.

    path: /healthz or /readyz. report: the last one, None where there is none. now: in seconds since 1970. oldest: its age in seconds
    from which on it tells nothing any more. A failure that maintenance excuses leaves the host healthy, but not ready.
    """
    if path not in ("/healthz", "/readyz"):
        return Answer(404, {"status": "unknown", "summary": "expected /healthz or /readyz"})
    if report is None:
        return Answer(503, {"status": "unknown", "summary": "no check has run yet"})
    age = now - float(report.get("time") or 0)
    if age > oldest:
        return Answer(503, {"status": "unknown", "summary": "the last report is %d s old, expected at most %d s" % (age, oldest)})
    checks = report.get("checks") or {}
    failed = sorted(name for name, result in checks.items() if result.get("status") == "failed")
    excused = sorted(name for name, result in checks.items() if result.get("excused"))
    body = {"status": report.get("status"), "summary": report.get("summary"), "failed": failed, "excused": excused, "age": round(age, 1)}
    well = report.get("status") in ("ok", "warning") and not failed
    return Answer(200 if well and not (path == "/readyz" and excused) else 503, body)


def last_report(path: str) -> Optional[Dict[str, Any]]:
    """Return the report in a file, None where there is none that can be read."""
    try:
        with open(path, "rb") as stream:
            found = json.loads(stream.read(LONGEST_REPORT))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def tls_context(folder: str) -> ssl.SSLContext:
    """Return what demands a client certificate of the authority: `ca.crt`, `host.crt` and `host.key` lie in `folder`.

    One that is revoked is refused where `crl.pem` lies there too; a host whose certificates are of an earlier release has none.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=os.path.join(folder, "ca.crt"))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    path = os.path.join(folder, REVOKED)
    if os.path.exists(path):
        with open(path, encoding="ascii") as stream:
            listed = stream.read()
        if LIST in listed:
            context.load_verify_locations(path)
            context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    context.load_cert_chain(os.path.join(folder, "host.crt"), os.path.join(folder, "host.key"))
    return context


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers one request."""

    server: Endpoint
    server_version = "groundwork"
    sys_version = ""
    timeout = SECONDS_FOR_A_REQUEST

    def do_GET(self) -> None:
        """Say how it is."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Say how it is by the status alone."""
        self._answer(with_body=False)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class names it so
        """Keep the journal free of a line for each probe."""

    def _answer(self, with_body: bool) -> None:
        endpoint = self.server
        path = self.path.partition("?")[0]
        answer = judged(path, last_report(endpoint.report), time.time(), endpoint.oldest)
        body = (json.dumps(answer.body, sort_keys=True) + "\n").encode("utf-8")
        self.send_response(answer.code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)


class Endpoint(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """Serves a socket that is open already; each connection has its thread and its deadline, so that none waits for another."""

    daemon_threads = True

    def __init__(self, listening: socket.socket, report: str, oldest: float, context: Optional[ssl.SSLContext]) -> None:
        """Take over the socket."""
        super().__init__(listening.getsockname()[:2], Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.report, self.oldest, self.context = report, oldest, context
        self.idle = False
        self._free = threading.BoundedSemaphore(CONNECTIONS_AT_ONCE)

    def get_request(self) -> Tuple[Any, Any]:
        """Take a connection; whoever says nothing has to go."""
        connection, address = self.socket.accept()
        connection.settimeout(SECONDS_FOR_A_REQUEST)
        return connection, address

    def process_request(self, request: Any, client_address: Any) -> None:
        """Hand the connection to a thread, or close it where too many are open."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Shake hands in the thread: a client that does not go on holds up nobody else."""
        try:
            if self.context is not None:
                request = self.context.wrap_socket(request, server_side=True)
            super().process_request_thread(request, client_address)
        except OSError:  # no certificate, no TLS, or gone
            self.shutdown_request(request)
        finally:
            self._free.release()

    def shutdown_request(self, request: Any) -> None:
        """Close, whatever state it is in."""
        with contextlib.suppress(OSError):
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that breaks off is no error of ours."""

    def handle_timeout(self) -> None:
        """Note that nobody has asked."""
        self.idle = True

    def finish(self) -> None:
        """Let the requests that are under way end."""
        end = time.monotonic() + SECONDS_FOR_A_REQUEST
        for _number in range(CONNECTIONS_AT_ONCE):
            self._free.acquire(timeout=max(end - time.monotonic(), 0.001))


def serve(endpoint: Endpoint, idle: float, life: float) -> None:
    """Answer until nobody has asked for `idle` seconds, and for `life` seconds at most; requests in between wait in the socket."""
    end = time.monotonic() + life
    endpoint.timeout = idle
    while not endpoint.idle and time.monotonic() < end:
        endpoint.handle_request()
    endpoint.finish()


def main(arguments: Sequence[str]) -> int:
    """Serve the socket that systemd hands over."""
    told = argparse.ArgumentParser(prog="groundwork-health-endpoint", description="Answer /healthz and /readyz on a socket of systemd's.")
    told.add_argument("--report", default="/run/groundwork/health.json", help="the last report of groundwork-health")
    told.add_argument("--oldest", type=float, default=300.0, help="its age in seconds from which on it tells nothing any more")
    told.add_argument("--tls", metavar="FOLDER", help="where ca.crt, host.crt and host.key are; without it anybody may ask")
    told.add_argument("--idle", type=float, default=60.0, help="end after so many seconds without a request")
    told.add_argument("--life", type=float, default=600.0, help="end after so many seconds anyhow")
    given = told.parse_args(arguments)
    if os.environ.get("LISTEN_FDS") != "1":
        told.error("expected one socket from systemd: start groundwork-health-endpoint.socket")
    listening = socket.socket(fileno=FIRST_SOCKET)
    context = tls_context(given.tls) if given.tls else None
    serve(Endpoint(listening, given.report, given.oldest, context), given.idle, given.life)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
