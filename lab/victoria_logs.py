# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A VictoriaLogs on this machine: it takes what Loki's clients push and what is sent by OTLP.

It stands for Loki, whose own server is not used here for its licence.
"""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

from lab import go_programs, local_servers

PROGRAM = go_programs.Program("victoria_logs", "github.com/VictoriaMetrics/VictoriaLogs/app/victoria-logs", (1, 26), "half a minute")
#: Where clients send to, below its URL.
LOKI, OTLP = "insert/loki/api/v1/push", "insert/opentelemetry/v1/logs"


class Server(local_servers.LocalServer):
    """One node."""

    name = "VictoriaLogs"

    def command(self) -> list[str]:
        """Return the command that runs it in the foreground."""
        listen, data = f"-httpListenAddr={self.address}:{self.port}", f"-storageDataPath={self.directory}/data"
        return [str(go_programs.built(PROGRAM)), listen, data, "-retentionPeriod=100y"]

    def answers(self) -> bool:
        """Tell whether it serves."""
        with urllib.request.urlopen(f"{self.url}/health", timeout=2) as answer:
            return bool(answer.status == 200)

    def entries(self, query: str = "*") -> Iterator[dict[str, Any]]:
        """Give what a query in LogsQL finds; the text of a line is `_msg`."""
        data = urllib.parse.urlencode({"query": query}).encode()
        with urllib.request.urlopen(f"{self.url}/select/logsql/query", data, timeout=120) as answer:
            yield from map(json.loads, answer)
