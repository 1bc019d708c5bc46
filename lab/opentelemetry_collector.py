# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The OpenTelemetry Collector with those components of the contrib distribution that a host ships its logs with.

Go's proxy has none of the distribution's exporters for CloudWatch, S3 and Elasticsearch, so they are not in it. Its program is named as
that of the distribution, `otelcol-contrib`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from lab import go_programs, local_servers

PROGRAM = go_programs.Program("opentelemetry_collector", ".", (1, 26), "about three minutes of CPU")


def binary() -> Path:
    """Return the path of the collector, built where that has not been done."""
    return go_programs.built(PROGRAM)


class Server(local_servers.LocalServer):
    """One that takes OTLP over HTTP, and writes what it gets into a file."""

    name = "the OpenTelemetry Collector"

    def __init__(self, directory: Path, address: str = local_servers.ADDRESS) -> None:
        """Settle where it is going to listen. Nothing is started."""
        super().__init__(directory, address)
        self.taken = directory / "taken.json"
        settings = {
            "receivers": {"otlp": {"protocols": {"http": {"endpoint": f"{address}:{self.port}"}}}},
            "exporters": {"file": {"path": str(self.taken)}},
            "service": {
                "telemetry": {"metrics": {"level": "none"}},
                "pipelines": {"logs": {"receivers": ["otlp"], "exporters": ["file"]}},
            },
        }
        (directory / "settings.json").write_text(json.dumps(settings), encoding="utf-8")

    def command(self) -> list[str]:
        """Return the command that runs it in the foreground."""
        return [str(binary()), f"--config={self.directory / 'settings.json'}"]

    def answers(self) -> bool:
        """Tell whether it takes logs."""
        return isinstance(self.ask("POST", "v1/logs", {"resourceLogs": []}, seconds=2), dict)

    def records(self) -> Iterator[tuple[dict[str, str], str]]:
        """Give the attributes of the resource and the text of every record that it has got."""
        for line in self.taken.read_text(encoding="utf-8").splitlines() if self.taken.exists() else []:
            for one in json.loads(line).get("resourceLogs", []):
                about = {pair["key"]: pair["value"]["stringValue"] for pair in one["resource"]["attributes"]}
                yield from ((about, record["body"]["stringValue"]) for scope in one["scopeLogs"] for record in scope["logRecords"])
