# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An OpenSearch on this machine, without TLS and logins, for tests of what is sent to it.

2.19 is the newest line that runs on Java 17, and data streams are part of its core. Elasticsearch's own server is not to be had by Maven.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab import local_servers, maven_programs

PROGRAM = maven_programs.Program("opensearch")
PAGE = 10_000  # documents, the most that one answer may have


class Server(local_servers.LocalServer):
    """One node."""

    name = "OpenSearch"

    def __init__(self, directory: Path, address: str = "127.0.0.1") -> None:
        """Settle where it is going to listen. Nothing is started."""
        super().__init__(directory, address)
        self.transport = local_servers.free_port(address)

    def command(self) -> list[str]:
        """Return the command that runs it in the foreground."""
        settings = {
            "path.home": self.directory,
            "cluster.name": "lab",
            "node.name": "lab",
            "discovery.type": "single-node",
            "network.host": self.address,
            "http.port": self.port,
            "transport.port": self.transport,
            "http.type": "netty4",
            "transport.type": "netty4",
            "cluster.routing.allocation.disk.threshold_enabled": "false",
        }
        return maven_programs.java(PROGRAM, str(PROGRAM.sources / "LabNode.java"), *(f"{name}={value}" for name, value in settings.items()))

    def answers(self) -> bool:
        """Tell whether every primary shard is there."""
        return self.ask("GET", "_cluster/health", seconds=2)["status"] in ("yellow", "green")

    def template(self, name: str, pattern: str, properties: dict[str, Any]) -> None:
        """Have what is written to a name that fits `pattern` become a data stream with these mappings."""
        settings = {"number_of_replicas": 0, "refresh_interval": "5s"}
        template = {"settings": settings, "mappings": {"properties": properties}}
        self.ask("PUT", f"_index_template/{name}", {"index_patterns": [pattern], "data_stream": {}, "template": template})

    def documents(self, stream: str) -> Iterator[dict[str, Any]]:
        """Give every document of a data stream."""
        self.ask("POST", f"{stream}/_refresh")
        answer = self.ask("POST", f"{stream}/_search?scroll=1m", {"size": PAGE, "sort": ["_doc"]})
        while answer["hits"]["hits"]:
            yield from (one["_source"] for one in answer["hits"]["hits"])
            answer = self.ask("POST", "_search/scroll", {"scroll": "1m", "scroll_id": answer["_scroll_id"]})
