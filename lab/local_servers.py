# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers on this machine that tests send to: started, killed as a crash does, and started again with the data that they had."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import time
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from lab.console import LabError

ADDRESS = "127.0.0.1"


def free_port(address: str = ADDRESS) -> int:
    """Return a port of an address of this machine on which nobody listens."""
    with socket.socket() as one:
        one.bind((address, 0))
        return int(one.getsockname()[1])


class LocalServer(ABC):
    """A server on one address of this machine, with its data in `directory`."""

    name: str = "the server"  # in messages
    seconds: float = 60.0  # that its start may take
    hidden: tuple[str, ...] = ()  # how variables begin that it is not to see
    #: What its certificate is held against, where it has one.
    context: ssl.SSLContext | None = None

    def __init__(self, directory: Path, address: str = ADDRESS) -> None:
        """Settle where it is going to listen. Nothing is started."""
        self.directory, self.address, self.port = directory, address, free_port(address)
        directory.mkdir(parents=True, exist_ok=True)
        self.log = directory / "server.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return its URL, without a slash at its end."""
        return f"{'http' if self.context is None else 'https'}://{self.address}:{self.port}"

    @property
    def headers(self) -> Mapping[str, str]:
        """Return what every request says."""
        return {"Content-Type": "application/json"}

    @abstractmethod
    def command(self) -> list[str]:
        """Return the command that runs it in the foreground."""

    @abstractmethod
    def answers(self) -> bool:
        """Tell whether it serves; OSError means no."""

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, *_what: object) -> None:
        """Kill it."""
        self.kill()

    def start(self) -> None:
        """Start it and wait until it serves. Raises LabError with the end of its log."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(self.hidden)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.directory, env=environment
            )
        until = time.monotonic() + self.seconds
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if self.answers():
                    return
            except OSError:
                pass
            time.sleep(0.1)
        self.kill()
        last = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:] or ["nothing"]
        raise LabError(f"{self.name} does not answer after {self.seconds:g} s; the end of its log {self.log}: {' | '.join(last)}")

    def kill(self) -> None:
        """Kill it, as a crash does; its data stay."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def ask(self, method: str, path: str, body: Any = None, seconds: float = 60) -> Any:
        """Return what it answers to a request in JSON. Raises urllib.error.HTTPError and OSError."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/{path}", data, dict(self.headers), method=method)
        with urllib.request.urlopen(request, timeout=seconds, context=self.context) as answer:
            text = answer.read()
        return json.loads(text) if text else None
