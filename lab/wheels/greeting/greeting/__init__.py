# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A web application as a wheel: where it was installed on /, its health on /healthz. Standard library only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from wsgiref.simple_server import make_server


def application(environ: dict[str, object], start_response: Callable[[str, list[tuple[str, str]]], object]) -> Iterable[bytes]:
    """Answer as WSGI asks for."""
    pages = {"/": "greeting from %s" % sys.prefix, "/healthz": "ok"}
    found = pages.get(str(environ["PATH_INFO"]))
    start_response("200 OK" if found else "404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
    return [("%s\n" % (found or "not found")).encode()]


def main() -> None:
    """Serve on the loopback, at the port that is given."""
    make_server("127.0.0.1", int(sys.argv[1]), application).serve_forever()
