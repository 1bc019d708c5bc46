#!/usr/bin/python3 -I
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for Grafana on a host, for want of the vendor's package.

It reads its arguments, grafana.ini and the files that provision as the vendor's manual says ("Configure Grafana", "Provision Grafana"),
and answers what the role's proofs ask: who I am, whether the data source answers, which dashboards there are. It is no test of Grafana's
own judgement of these files.
"""

from __future__ import annotations

import base64
import configparser
import json
import re
import ssl
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

GIVEN = dict(word.lstrip("-").split("=", 1) for word in sys.argv[2:])
INI = configparser.ConfigParser(interpolation=None)


def setting(section: str, key: str) -> str:
    """Return a setting, with the content of a file in place of its name."""
    text = INI[section][key].strip('"')
    return re.sub(r"\$__file\{([^}]+)\}", lambda found: Path(found[1]).read_text(encoding="utf-8").strip(), text)


def provisioned(kind: str) -> str:
    """Return all that is provisioned of a kind."""
    return "".join(path.read_text(encoding="utf-8") for path in Path(setting("paths", "provisioning"), kind).glob("*.yaml"))


def answers(uid: str) -> bool:
    """Tell whether the data source answers a query, over TLS with the certificates that it names."""
    text = provisioned("datasources")
    ca, certificate, key = (
        re.search(rf"{name}: \$__file\{{([^}}]+)\}}", text)[1] for name in ("tlsCACert", "tlsClientCert", "tlsClientKey")
    )
    context = ssl.create_default_context(cafile=ca)
    context.load_cert_chain(certificate, key)
    url = re.search(r"^  url: (\S+)", text, re.MULTILINE)[1]
    asked = urllib.request.urlopen(url + "/api/v1/query?query=1", context=context, timeout=5)
    return f"uid: {uid}\n" in text and json.load(asked)["status"] == "success"


def shown() -> dict[str, dict]:
    """Return the dashboards by their uid."""
    folder = re.search(r"path: (\S+)", provisioned("dashboards"))[1]
    found = [json.loads(path.read_text(encoding="utf-8")) for path in Path(folder).glob("*.json")]
    return {one["uid"]: one for one in found}


class Handler(BaseHTTPRequestHandler):
    """Part of the HTTP API."""

    def do_GET(self) -> None:
        """Answer one question."""
        login = f"{setting('security', 'admin_user')}:{setting('security', 'admin_password')}"
        wanted = "Basic " + base64.b64encode(login.encode()).decode()
        status, answer = 401, {"message": "Unauthorized"}
        if self.headers.get("Authorization") == wanted:
            status, answer = self.answer(self.path.strip("/").split("/")[1:])
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def answer(self, path: list[str]) -> tuple[int, dict]:
        """Return status and content of a page below /api."""
        if path == ["user"]:
            return 200, {"login": setting("security", "admin_user"), "domain": setting("server", "domain")}
        if path[:2] == ["datasources", "uid"] and path[3:] == ["health"]:
            return (200, {"status": "OK"}) if answers(path[2]) else (400, {"status": "ERROR"})
        if path[:2] == ["dashboards", "uid"] and path[2] in shown():
            return 200, {"dashboard": shown()[path[2]]}
        return 404, {"message": "Not found"}


if sys.argv[1] != "server" or not Path(GIVEN["homepath"], "bin").is_dir() or not INI.read(GIVEN["config"]):
    sys.exit("no such command, home or configuration")
# What it keeps goes where it was told, and nowhere else can it write.
Path(setting("paths", "data"), "grafana.db").touch()
server = ThreadingHTTPServer((setting("server", "http_addr"), int(setting("server", "http_port"))), Handler)
tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
tls.load_cert_chain(setting("server", "cert_file"), setting("server", "cert_key"))
server.socket = tls.wrap_socket(server.socket, server_side=True)
server.serve_forever()
