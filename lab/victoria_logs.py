# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A VictoriaLogs on this machine: it takes what Loki's clients push, what is sent to Datadog and what is sent by OTLP.

It stands for Loki, whose own server is not used here for its licence, and for Datadog, which has none to be had.
"""

from __future__ import annotations

import json
import ssl
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab import go_programs, local_servers, tls

PROGRAM = go_programs.Program("victoria_logs", "github.com/VictoriaMetrics/VictoriaLogs/app/victoria-logs", (1, 26), "half a minute")
#: Where clients send to, below its URL.
#: What stands before the paths of the APIs.
LOKI, DATADOG = "insert", "insert/datadog"


class Server(local_servers.LocalServer):
    """One node."""

    name = "VictoriaLogs"

    def __init__(self, directory: Path, address: str = local_servers.ADDRESS, files: tls.Files | None = None) -> None:
        """Settle where it is going to listen, by TLS where it is given files. Nothing is started."""
        super().__init__(directory, address)
        self.files = files
        self.context = ssl.create_default_context(cafile=files.ca) if files else None

    @property
    def url(self) -> str:
        """Return its URL, without a slash at its end."""
        return super().url.replace("http:", "https:") if self.files else super().url

    def command(self) -> list[str]:
        """Return the command that runs it in the foreground."""
        listen, data = f"-httpListenAddr={self.address}:{self.port}", f"-storageDataPath={self.directory}/data"
        secured = ["-tls", f"-tlsCertFile={self.files.certificate}", f"-tlsKeyFile={self.files.key}"] if self.files else []
        return [str(go_programs.built(PROGRAM)), listen, data, "-retentionPeriod=100y", *secured]

    def kill(self) -> None:
        """Stop it. What it has answered is in its memory only for some seconds, so that killed as others are it would lose lines."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def answers(self) -> bool:
        """Tell whether it serves."""
        with urllib.request.urlopen(f"{self.url}/health", timeout=2, context=self.context) as answer:
            return bool(answer.status == 200)

    def entries(self, query: str = "*") -> Iterator[dict[str, Any]]:
        """Give what a query in LogsQL finds; the text of a line is `_msg`."""
        data = urllib.parse.urlencode({"query": query}).encode()
        with urllib.request.urlopen(f"{self.url}/select/logsql/query", data, timeout=120, context=self.context) as answer:
            yield from map(json.loads, answer)
