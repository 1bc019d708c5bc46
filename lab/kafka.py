# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An Apache Kafka on this machine, one node that is broker and controller, for tests of what is sent to it."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

from lab import local_servers, maven_programs
from lab.console import LabError

PROGRAM = maven_programs.Program("kafka")
CONFIGURATION = """
node.id=1
process.roles=broker,controller
listeners=PLAINTEXT://{address}:{port},CONTROLLER://{address}:{controller}
controller.listener.names=CONTROLLER
controller.quorum.voters=1@{address}:{controller}
log.dirs={directory}/data
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
"""
CLUSTER = "Z3JvdW5kd29yay1sYWItMQ"
TOOLS = "org.apache.kafka.tools"


class Server(local_servers.LocalServer):
    """One node."""

    name = "Kafka"

    def __init__(self, directory: Path, address: str = "127.0.0.1") -> None:
        """Settle where it is going to listen, and lay out its data. Nothing is started. Raises LabError."""
        super().__init__(directory, address)
        self.settings = directory / "server.properties"
        values = {"address": address, "port": self.port, "controller": local_servers.free_port(address), "directory": directory}
        self.settings.write_text(CONFIGURATION.format(**values), encoding="utf-8")
        self.tool("kafka.tools.StorageTool", "format", "--ignore-formatted", "-t", CLUSTER, "-c", str(self.settings))

    @property
    def broker(self) -> str:
        """Return its address as clients take it."""
        return f"{self.address}:{self.port}"

    def command(self) -> list[str]:
        """Return the command that runs it in the foreground."""
        return maven_programs.java(PROGRAM, "kafka.Kafka", str(self.settings))

    def answers(self) -> bool:
        """Tell whether somebody listens; it does so once it is ready."""
        with socket.create_connection((self.address, self.port), 1):
            return True

    def tool(self, name: str, *arguments: str) -> str:
        """Return what one of its commands prints. Raises LabError with the end of what it says."""
        command = maven_programs.java(PROGRAM, name, *arguments, heap="256m")
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise LabError(f"{name} of Kafka failed: {(done.stderr or done.stdout).strip()[-500:]}")
        return done.stdout

    def make(self, topic: str) -> None:
        """Make a topic of one partition. Raises LabError."""
        self.tool(f"{TOOLS}.TopicCommand", "--bootstrap-server", self.broker, "--create", "--topic", topic, "--partitions", "1")

    def lines(self, topic: str) -> list[str]:
        """Return every message of a topic of one partition; it is the end when none comes for two seconds."""
        # With a partition it is a reader of no group, which would first have to be coordinated.
        read = ["--bootstrap-server", self.broker, "--topic", topic, "--partition", "0", "--offset", "earliest", "--timeout-ms", "2000"]
        return self.tool(f"{TOOLS}.consumer.ConsoleConsumer", *read).splitlines()
