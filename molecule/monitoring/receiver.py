# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A webhook that remembers what it was told: a line for each alert, `PATH STATUS ALERTNAME USER HOST`."""

from __future__ import annotations

import base64
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    """Takes what Alertmanager sends."""

    def do_POST(self) -> None:
        """Write a line for each alert."""
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        given = self.headers.get("Authorization", "Basic -").split()[1]
        user = base64.b64decode(given).decode().split(":")[0] if given != "-" else "-"
        lines = [
            f"{self.path} {one['status']} {one['labels']['alertname']} {user} {one['labels'].get('host', '-')}\n" for one in told["alerts"]
        ]
        with Path(sys.argv[1]).open("a", encoding="utf-8") as stream:
            stream.writelines(lines)
        self.send_response(200)
        self.end_headers()


ThreadingHTTPServer(("127.0.0.1", 9999), Handler).serve_forever()
